/**
 * The text that a hash is taken over, written from RFC 8785 and the contract alone: object keys in the order of their
 * UTF-16 units, no white space, numbers and strings as ECMAScript writes them.
 */
import { createHash } from 'node:crypto';

/** What stands before the first event. */
export const FIRST_PREVIOUS = '0'.repeat(64);

/** A parsed JSON value in its canonical form. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}

/** Hash of an event after the one before it, lower-case hex. `event` is the parsed line; its own `hash` does not count. */
export function chainedHash(previous: string, event: object): string {
  const { hash: _hash, ...rest } = event as { hash?: unknown };
  return createHash('sha256')
    .update(previous + canonical(rest))
    .digest('hex');
}
