/** D1 as it is on a bad day: real rows behind it, and answers that do not come, come wrong, or come too late. */
import { env } from 'cloudflare:workers';

/**
 * What becomes of a batch: `refuse` fails before anything is written, `lose the answer` writes and fails, `go dark` writes,
 * fails, and so does everything after it; with `late`, it fails now and is written when the test says so.
 */
export type Fault = 'refuse' | 'lose the answer' | 'go dark' | 'late';

/** The test's database, with faults to come. */
export class FaultyDatabase {
  /** For the next batches, in their order. */
  readonly faults: Fault[] = [];
  /** While true, nothing is answered. */
  dark = false;
  /** Batches that were asked for, faulty ones too. */
  batches = 0;
  #late: D1PreparedStatement[][] = [];

  /** What the code under test gets. */
  readonly db = new Proxy(env.DB, {
    get: (target, name) => {
      if (name === 'batch') return (statements: D1PreparedStatement[]) => this.#batch(statements);
      if (name === 'prepare') return (query: string) => this.#prepare(query);
      return Reflect.get(target, name) as unknown;
    },
  });

  /** Writes the batches that were late: how each ended. */
  async writeLate(): Promise<('written' | 'refused')[]> {
    const late = this.#late.splice(0);
    const ends = await Promise.allSettled(late.map((statements) => env.DB.batch(statements)));
    return ends.map(({ status }) => (status === 'fulfilled' ? 'written' : 'refused'));
  }

  #prepare(query: string): D1PreparedStatement {
    if (this.dark) throw new Error('D1_ERROR: the test has put out the light');
    return env.DB.prepare(query);
  }

  async #batch(statements: D1PreparedStatement[]): Promise<D1Result[]> {
    this.batches += 1;
    const fault = this.faults.shift();
    if (fault === 'late') this.#late.push(statements);
    if (fault === 'refuse' || fault === 'late') throw new Error(`D1_ERROR: ${fault}`);
    const results = await env.DB.batch(statements);
    if (fault === undefined) return results;
    if (fault === 'go dark') this.dark = true;
    throw new Error(`D1_ERROR: ${fault}`);
  }
}

/** Runs `work` while a table of the real database is missing: every statement on it fails before it writes. */
export async function without<T>(
  table: 'orders' | 'inventory' | 'shows' | 'summaries',
  work: () => Promise<T>,
): Promise<T> {
  await env.DB.exec(`ALTER TABLE ${table} RENAME TO hidden`);
  try {
    return await work();
  } finally {
    await env.DB.exec(`ALTER TABLE hidden RENAME TO ${table}`);
  }
}
