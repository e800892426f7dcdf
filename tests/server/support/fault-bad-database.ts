/**
 * D1 on a bad day, from a seed: statements that fail before they do anything, that fail although they did it, and that
 * are never answered until somebody gives up, done or not. Behind it are real rows.
 */
import { env } from 'cloudflare:workers';

/** What can become of a statement or a batch. */
export type BadDay = 'error' | 'commit then error' | 'timeout' | 'timeout after commit' | 'slow';
const BAD_DAYS: readonly BadDay[] = ['error', 'commit then error', 'timeout', 'timeout after commit', 'slow'];

/** How long a statement hangs before its caller is told that it failed, milliseconds; the room says `pending` after 5 s. */
const GIVEN_UP_AFTER_MS = 5_500;
const SLOW_MS = 400;

/** The test's database, as bad as a share of its statements is. */
export class BadDatabase {
  readonly faults: Record<BadDay, number> = {
    error: 0,
    'commit then error': 0,
    timeout: 0,
    'timeout after commit': 0,
    slow: 0,
  };
  statements = 0;
  /** Share of the statements that something becomes of. */
  share: number;
  readonly #random: () => number;

  constructor(random: () => number, share: number) {
    this.#random = random;
    this.share = share;
  }

  /** What the code under test gets. */
  readonly db = {
    prepare: (query: string) => this.#statement(env.DB.prepare(query)),
    batch: (statements: BadStatement[]) => this.#run(() => env.DB.batch(statements.map(({ real }) => real))),
  } as unknown as D1Database;

  #statement(real: D1PreparedStatement): BadStatement {
    return {
      real,
      bind: (...values: unknown[]) => this.#statement(real.bind(...values)),
      all: () => this.#run(() => real.all()),
      run: () => this.#run(() => real.run()),
    };
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    this.statements += 1;
    const fault = this.#fault();
    if (fault === null) return work();
    this.faults[fault] += 1;
    if (fault === 'slow') await scheduler.wait(SLOW_MS);
    if (fault === 'error' || fault === 'timeout') return this.#fail(fault);
    const done = await work();
    if (fault === 'slow') return done;
    return this.#fail(fault);
  }

  async #fail(fault: BadDay): Promise<never> {
    if (fault.startsWith('timeout')) await scheduler.wait(GIVEN_UP_AFTER_MS);
    throw new Error(`D1_ERROR: ${fault}`);
  }

  #fault(): BadDay | null {
    if (this.#random() >= this.share) return null;
    return BAD_DAYS[Math.floor(this.#random() * BAD_DAYS.length)] ?? null;
  }
}

interface BadStatement {
  real: D1PreparedStatement;
  bind: (...values: unknown[]) => BadStatement;
  all: () => Promise<unknown>;
  run: () => Promise<unknown>;
}
