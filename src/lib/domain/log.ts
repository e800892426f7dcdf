/**
 * The log's hash chain: `hash_n = SHA-256(hash_{n−1} ‖ canonical JSON of event n without its hash)`, lower-case hex, the
 * previous hash as hex, 64 zeros before the first event. Canonical JSON is RFC 8785. The hash function is handed in: the
 * room has a native one, a browser on plain http has none of its own.
 */
import type { EventDraft, RoomEvent, UnhashedEvent } from './events.ts';
import type { RoomFacts } from './facts.ts';

/** SHA-256 of a text's UTF-8 bytes, as lower-case hex. */
export type Sha256Hex = (text: string) => string;

/** An event with its exact text in log and frames. */
export interface ChainedEvent {
  event: RoomEvent;
  json: string;
}

/**
 * JSON in its one canonical form (RFC 8785): keys sorted by UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them. Throws on what JSON has no form for; members that are undefined are left out.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return canonicalText(value);
  if (value === null || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error('JSON has no form for a number that is not finite');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw new Error(`JSON has no form for a ${typeof value}`);
  const record = value as Record<string, unknown>;
  const members = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort()
    .map((key) => `${canonicalText(key)}:${canonicalJson(record[key])}`);
  return `{${members.join(',')}}`;
}

function canonicalText(text: string): string {
  if (!text.isWellFormed()) throw new Error('canonical JSON has no form for half a surrogate pair');
  return JSON.stringify(text);
}

/** Characters that some languages' line readers take for line ends and that JSON leaves unescaped. */
const LINE_ENDS = /[\u0085\u2028\u2029]/g;

/** JSON lines as in the exported file: {@link LINE_ENDS} are escaped, so that only line feeds end lines. */
export function fileText(json: string): string {
  return json.replace(LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The hash of an event after `previous`. */
export function hashOf(previous: string, event: UnhashedEvent, sha256: Sha256Hex): string {
  return sha256(previous + canonicalJson(event));
}

/** Numbers and chains the next event of a room. `epoch` is the one in force before the event, or the new one for a reset. */
export function chainNext(
  facts: RoomFacts,
  draft: EventDraft,
  atMs: number,
  sha256: Sha256Hex,
): ChainedEvent {
  const epoch = draft.kind === 'reset' ? draft.body.toEpoch : facts.epoch;
  const unhashed: UnhashedEvent = { ...draft, seq: facts.seq + 1, epoch, atMs };
  const canonical = canonicalJson(unhashed);
  const hash = sha256(facts.head + canonical);
  return { event: { ...unhashed, hash }, json: `${canonical.slice(0, -1)},"hash":"${hash}"}` };
}

/** An event without its hash: what the hash is taken over. */
export function withoutHash(event: RoomEvent): UnhashedEvent {
  const { hash: _hash, ...rest } = event;
  return rest;
}
