/** The record that is kept of a visit, in plain words: each field as it is stored, and what it means. */

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
export const MEANINGS: Readonly<Record<string, string>> = {
  sessionId: 'a random number for this visit, made when you came in',
  ipHash:
    'your network address, made unreadable with a key that changes every day; the address itself is not kept',
  createdAt: 'when you came in',
  renewedAt: 'when this visit was last prolonged',
  role: 'what you may do here',
  show: 'the code of this show',
  proof: 'what let you in',
};

const READINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  role: { participant: 'one of the audience', presenter: 'a presenter' },
  proof: {
    none: 'the code, and nothing else',
    turnstile: 'a check for robots',
    'debug-token': 'the site’s sign-in token',
  },
};

/** The rows of a record, in the order in which it is stored. `locale` is the browser's own when missing. */
export function keptRows(stored: Readonly<Record<string, string | number>>, locale?: string): KeptRow[] {
  return Object.entries(stored).map(([name, value]) => ({
    name,
    meaning: MEANINGS[name] ?? '',
    value: String(value),
    reading:
      typeof value === 'number' && name.endsWith('At')
        ? new Date(value).toLocaleString(locale)
        : (READINGS[name]?.[String(value)] ?? ''),
  }));
}
