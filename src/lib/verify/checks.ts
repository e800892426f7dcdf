/**
 * The checks of a verification: those of the domain's audit that need the log alone, and those of the file itself. Each keeps
 * the first line of the file on which it failed.
 */
import { AUDIT_LINES, count, Finding, LOG_LINES } from '#lib/domain/audit-findings.ts';
import type { Findings, Place } from '#lib/domain/audit-findings.ts';

/** Checks of the file itself: name, and what is expected. */
const FILE_LINES = {
  lines: ['Every line is what a room writes', 'one event in canonical JSON, its hash last'],
  header: ['Header and opening event agree', 'show, SKU, configuration and prices equal'],
  head: ['Head line agrees with the last event', 'its number and its hash, and nothing behind it'],
  replay: ['Every event can be replayed', 'the reducer takes each of them'],
  agree: ['Replay and recount agree', 'every counter of every lane, at the end of every epoch'],
  heads: ['Hashes that clients were told stand in the chain', 'the same hash at the same number'],
  reach: ['The log reaches as far as the receipts', 'no receipt behind its last event'],
} as const;

/** Every check of a log or of its file, by key: its name, and what is expected. */
export const CHECK_LINES = { ...AUDIT_LINES, ...FILE_LINES };

/** What comes first in the list, and has precedence when several checks fail on the same line; the log's others follow. */
const FIRST = [
  'lines',
  'dense',
  'chain',
  'form',
  'epochs',
  'named',
  'follows',
  'header',
  'head',
  'replay',
  'agree',
  'receipts',
  'heads',
  'reach',
] as const satisfies readonly CheckKey[];
const ORDER = [...new Set<CheckKey>([...FIRST, ...(Object.keys(LOG_LINES) as (keyof typeof LOG_LINES)[])])];

/** Checks that fail when a file was changed, cut or joined. */
const OF_THE_FILE = ['lines', 'dense', 'chain', 'form', 'head'] as const satisfies readonly CheckKey[];

/** The key of a check. */
export type CheckKey = keyof typeof FILE_LINES | keyof typeof LOG_LINES | 'receipts';

/** A failed check at its first line. */
export interface Wrong {
  /** Line of the file, counted from 1. */
  line: number;
  /** Number of the event on that line; null on lines that hold none. */
  seq: number | null;
  key: CheckKey;
  /** The check's name in plain words. */
  check: string;
  expected: string;
  found: string;
}

/** The result of a check. */
export interface Check {
  key: CheckKey;
  name: string;
  ok: boolean;
  expected: string;
  /** The figure; of a failed check what was found first, and how often more. */
  found: string;
  /** First line of the file on which it failed; null when it holds. */
  line: number | null;
}

/** Current position in the file. */
interface Cursor {
  line: number;
  seq: number | null;
}

/** One check while the verification runs. */
class PlacedFinding extends Finding {
  first: Omit<Wrong, 'key' | 'check'> | null = null;
  times = 0;
  readonly #expected: string;
  readonly #cursor: Cursor;
  readonly #isIntact: () => boolean;

  /**
   * @param isIntact false once the file itself is broken: failures are then placed where they are seen,
   * not on earlier lines
   */
  constructor(expected: string, cursor: Cursor, isIntact: () => boolean) {
    super();
    this.#expected = expected;
    this.#cursor = cursor;
    this.#isIntact = isIntact;
  }

  override here(): Place {
    return { ...this.#cursor };
  }

  override wrong(found: string, place?: Place): void {
    this.wrongOf(found, this.#expected, place);
  }

  /** Reports a failure with its own text for what was expected; the earliest line is kept. */
  wrongOf(found: string, expected = this.#expected, place?: Place): void {
    const at = place !== undefined && this.#isIntact() ? (place as Cursor) : { ...this.#cursor };
    this.times += 1;
    if (!this.first || at.line < this.first.line) this.first = { ...at, expected, found };
  }
}

/** Every check of one verification. */
export class Checks {
  /** Position that the next failure is reported at. */
  readonly cursor: Cursor = { line: 0, seq: null };
  readonly #findings = new Map<string, PlacedFinding>();

  constructor() {
    for (const [key, [, expected]] of Object.entries(CHECK_LINES)) {
      this.#findings.set(key, new PlacedFinding(expected, this.cursor, () => this.#isIntact()));
    }
  }

  /** The findings that the domain's audit writes to. */
  get findings(): Findings {
    return Object.fromEntries(this.#findings) as unknown as Findings;
  }

  /** Reports a failure at the current position. */
  wrong(key: CheckKey, found: string, expected?: string): void {
    this.#at(key).wrongOf(found, expected);
  }

  /** Sets the figure of a check that holds. */
  figure(key: CheckKey, figure: string): void {
    this.#at(key).figure = figure;
  }

  /** True when a check has not held so far. */
  failed(key: CheckKey): boolean {
    return this.#at(key).times > 0;
  }

  /** The failure on the first wrong line; null when everything holds. */
  first(): Wrong | null {
    const wrongs = ORDER.flatMap((key): Wrong[] => {
      const { first } = this.#at(key);
      return first ? [{ ...first, key, check: CHECK_LINES[key][0] }] : [];
    });
    // The sort is stable, so failures on one line keep their precedence.
    return wrongs.sort((a, b) => a.line - b.line)[0] ?? null;
  }

  /** All checks but `without`, which had nothing to check. */
  list(without: readonly CheckKey[]): Check[] {
    return ORDER.filter((key) => !without.includes(key)).map((key) => {
      const { first, times, figure } = this.#at(key);
      const [name, expected] = CHECK_LINES[key];
      const more = times > 1 ? ` (and ${count(times - 1, 'time')} more)` : '';
      return first
        ? { key, name, ok: false, expected: first.expected, found: `${first.found}${more}`, line: first.line }
        : { key, name, ok: true, expected, found: figure, line: null };
    });
  }

  #isIntact(): boolean {
    return !OF_THE_FILE.some((key) => this.failed(key));
  }

  #at(key: CheckKey): PlacedFinding {
    return this.#findings.get(key)!;
  }
}
