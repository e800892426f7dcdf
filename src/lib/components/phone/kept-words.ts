/** The record that is kept of a visit, in plain words: each field as it is stored, and what it means. */
import { phrase } from '#lib/language/phrase.ts';

/** One line of the record. */
export interface KeptRow {
  /** The field's name in the store. */
  name: string;
  /** What it is. */
  meaning: string;
  /** The value exactly as it is stored. */
  value: string;
  /** The value as a person reads it; empty where it is read as it stands. */
  reading: string;
}

/** What each field of a participant's record means. A field without words here would be shown without any. */
export function meanings(): Readonly<Record<string, string>> {
  return {
    sessionId: phrase('a random number for this visit, made when you came in'),
    ipHash: phrase(
      'your network address, made unreadable with a key that changes every day; the address itself is not kept',
    ),
    createdAt: phrase('when you came in'),
    renewedAt: phrase('when this visit was last prolonged'),
    role: phrase('what you may do here'),
    show: phrase('the code of this show'),
    proof: phrase('what let you in'),
  };
}

function readings(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return {
    role: { participant: phrase('one of the audience'), presenter: phrase('a presenter') },
    proof: {
      none: phrase('the code, and nothing else'),
      turnstile: phrase('a check for robots'),
      'debug-token': phrase('the site’s sign-in token'),
    },
  };
}

/** The rows of a record, in the order in which it is stored. `locale` is the browser's own when missing. */
export function keptRows(stored: Readonly<Record<string, string | number>>, locale?: string): KeptRow[] {
  const [meaningOf, readingOf] = [meanings(), readings()];
  return Object.entries(stored).map(([name, value]) => ({
    name,
    meaning: meaningOf[name] ?? '',
    value: String(value),
    reading:
      typeof value === 'number' && name.endsWith('At')
        ? new Date(value).toLocaleString(locale)
        : (readingOf[name]?.[String(value)] ?? ''),
  }));
}
