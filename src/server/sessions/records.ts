/** KV: what little is known of a session, and the tombstones of those that logged out. */
import * as v from 'valibot';
import type { SessionRecord } from '#lib/protocol/http.ts';
import { PROOFS, ROLES } from '#lib/protocol/http.ts';
import { onStorage } from '../storage/unavailable.ts';

/** Everything that KV holds about a session stands in this shape: a field more would be a promise broken. */
const recordSchema = v.strictObject({
  sessionId: v.string(),
  ipHash: v.string(),
  createdAt: v.number(),
  renewedAt: v.number(),
  role: v.picklist(ROLES),
  show: v.string(),
  proof: v.picklist(PROOFS),
});
const storedRecord = v.pipe(v.string(), v.parseJson(), recordSchema);

/** Shortest lifetime of a KV entry, seconds (developers.cloudflare.com/kv/api/write-key-value-pairs, read in 2026-11). */
const MIN_TTL_SECONDS = 60;

/** Writes a session's record; KV forgets it by itself after `ttlMs`. */
export function putRecord(kv: KVNamespace, record: SessionRecord, ttlMs: number): Promise<void> {
  return onStorage('put a session record', () =>
    kv.put(recordKey(record.sessionId), JSON.stringify(record), { expirationTtl: seconds(ttlMs) }),
  );
}

/** Exactly what KV holds about a session, or null. */
export function getRecord(kv: KVNamespace, sessionId: string): Promise<SessionRecord | null> {
  return onStorage('get a session record', async () => {
    const text = await kv.get(recordKey(sessionId));
    return text === null ? null : v.parse(storedRecord, text);
  });
}

/** Forgets a session. */
export function deleteRecord(kv: KVNamespace, sessionId: string): Promise<void> {
  return onStorage('delete a session record', () => kv.delete(recordKey(sessionId)));
}

/** Remembers that a session logged out, for as long as its token could still be shown. */
export function putTombstone(kv: KVNamespace, sessionId: string, ttlMs: number): Promise<void> {
  return onStorage('put a tombstone', () =>
    kv.put(tombstoneKey(sessionId), '1', { expirationTtl: seconds(ttlMs) }),
  );
}

/**
 * True when a session is known to have logged out. KV may take a minute to show it everywhere
 * (developers.cloudflare.com/kv/concepts/how-kv-works).
 */
export function hasTombstone(kv: KVNamespace, sessionId: string): Promise<boolean> {
  return onStorage('get a tombstone', async () => (await kv.get(tombstoneKey(sessionId))) !== null);
}

function recordKey(sessionId: string): string {
  return `session:${sessionId}`;
}

function tombstoneKey(sessionId: string): string {
  return `gone:${sessionId}`;
}

function seconds(ttlMs: number): number {
  return Math.max(MIN_TTL_SECONDS, Math.ceil(ttlMs / 1_000));
}
