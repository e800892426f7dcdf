/** Trial reads and writes of D1 and KV that change nothing, for the pre-flight check. */
import type { MeterCounts } from '#lib/domain/prices.ts';
import { query } from './d1.ts';
import { onStorage } from './unavailable.ts';

/** Shortest lifetime of a KV entry, seconds (developers.cloudflare.com/kv/api/write-key-value-pairs, read in 2026-11). */
const MARK_TTL_SECONDS = 60;

/** Writes a show's row unchanged. Returns the cost. */
export function touchShow(db: D1Database, show: string): Promise<MeterCounts> {
  return onStorage('touch a show', async () => {
    return (await query(db, 'UPDATE shows SET joined = joined WHERE code = ?', show)).spent;
  });
}

/** Writes a value without any personal data under the show's code; it expires after a minute. */
export function putMark(kv: KVNamespace, show: string): Promise<void> {
  return onStorage('put a mark', () => kv.put(`preflight:${show}`, '1', { expirationTtl: MARK_TTL_SECONDS }));
}
