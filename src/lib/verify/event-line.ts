/**
 * The text of an event's line that its hash is taken over. A room writes the canonical JSON of the event with the hash as its
 * last member; a line that is written otherwise was changed.
 */
import type { RoomEvent } from '#lib/domain/events.ts';
import { canonicalJson, fileText, withoutHash } from '#lib/domain/log.ts';

/** `,"hash":"` + 64 digits + `"}` */
const TAIL_LENGTH = 75;
const TAIL = /^,"hash":"[0-9a-f]{64}"\}$/;

/** The canonical text of an event without its hash, and whether its line is exactly that text and the hash. */
export interface EventText {
  /** Null when it has none: too deep, or a number that JSON cannot write. */
  canonical: string | null;
  exact: boolean;
}

/**
 * The event's canonical text. A line that equals `JSON.stringify` of its event, with the members of every object in order, is
 * canonical already, which is faster than writing it anew. Files escape three characters that canonical JSON does not (see
 * {@link fileText}); older exports have them unescaped.
 */
export function eventText(line: string, event: RoomEvent): EventText {
  const cut = line.length - TAIL_LENGTH;
  if (cut > 0 && TAIL.test(line.slice(cut)) && !ESCAPED.test(line) && isWrittenBy(line, event)) {
    return { canonical: `${line.slice(0, cut)}}`, exact: true };
  }
  try {
    const canonical = canonicalJson(withoutHash(event));
    const written = `${canonical.slice(0, -1)},"hash":"${event.hash}"}`;
    return { canonical, exact: line === written || line === fileText(written) };
  } catch {
    return { canonical: null, exact: false };
  }
}

/** Half a surrogate pair, which has no canonical form, or what a file escapes and canonical JSON does not. */
const ESCAPED = /\\u(?:d|2|008)/i;

function isWrittenBy(line: string, event: RoomEvent): boolean {
  try {
    return JSON.stringify(event) === line && isSorted(withoutHash(event));
  } catch {
    return false;
  }
}

/** True when the members of an object, and of every object inside of it, stand in the order of their names. */
function isSorted(value: object): boolean {
  const isList = Array.isArray(value);
  let last = '';
  for (const [name, member] of Object.entries(value) as [string, unknown][]) {
    if (!isList && name <= last) return false;
    last = name;
    if (typeof member === 'object' && member !== null && !isSorted(member)) return false;
  }
  return true;
}
