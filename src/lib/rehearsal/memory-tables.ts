/**
 * The tables of a rehearsed room, in this browser's memory. Rows are counted as a database would count them, so that the ledger
 * shows what such a room costs; nothing was billed, and screens say SIMULATED.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import type {
  FactName,
  GaugeSlot,
  LogChunk,
  ResetRow,
  Standing,
  StoredOps,
  Tables,
} from '#lib/room/tables.ts';

/** A stored commit. */
interface Commit extends LogChunk {
  ops: string | null;
  gauges: string | null;
}

/** Tables in memory. Nothing here fails, so a transaction needs no way back. */
export class MemoryTables implements Tables {
  readonly #facts = new Map<FactName, string>();
  readonly #commits: Commit[] = [];
  readonly #gauges = new Map<GaugeSlot, string>();
  readonly #pending = new Map<string, string>();
  readonly #resets = new Map<string, ResetRow>();
  readonly #guesses = new Map<string, number>();
  #read = 0;
  #written = 0;

  atomically<T>(work: () => T extends Promise<unknown> ? never : T): T {
    return work();
  }

  takeSpent(): MeterCounts {
    const spent = { 'do.rowRead': this.#read, 'do.rowWritten': this.#written };
    this.#read = 0;
    this.#written = 0;
    return spent;
  }

  readFacts(): ReadonlyMap<FactName, string> {
    return this.#facts;
  }

  readFact(name: FactName): string | null {
    this.#read += 1;
    return this.#facts.get(name) ?? null;
  }

  writeFact(name: FactName, value: string): void {
    this.#written += 1;
    this.#facts.set(name, value);
  }

  deleteFact(name: FactName): void {
    if (this.#facts.delete(name)) this.#written += 1;
  }

  appendCommit(chunk: LogChunk, ops: string | null, gauges: string | null): void {
    this.#written += 1;
    this.#commits.push({ ...chunk, ops, gauges });
  }

  readLogAfter(seq: number, { last = Number.MAX_SAFE_INTEGER } = {}): LogChunk[] {
    const chunks: LogChunk[] = [];
    for (let place = this.#commits.length - 1; place >= 0; place--) {
      const commit = this.#commits[place]!;
      if (commit.lastSeq <= seq) break;
      if (commit.firstSeq <= last) chunks.push(commit);
    }
    this.#read += chunks.length;
    return chunks.reverse();
  }

  readOps(): StoredOps[] {
    return this.#commits.flatMap(({ lastSeq, ops }) => (ops === null ? [] : [{ lastSeq, ops }]));
  }

  readGauges(): string[] {
    const newest = this.#commits.at(-1)?.gauges ?? null;
    return [...this.#gauges.values(), ...(newest === null ? [] : [newest])];
  }

  writeGauges(slot: GaugeSlot, value: string): void {
    this.#written += 1;
    this.#gauges.set(slot, value);
  }

  readStanding(): Standing {
    return {
      pending: [...this.#pending.values()],
      guesses: [...this.#guesses],
      revoked: [],
      resetting: this.readUnfinishedReset() !== null,
    };
  }

  writePending(op: string, answer: string): void {
    this.#written += 1;
    this.#pending.set(op, answer);
  }

  deletePending(op: string): void {
    this.#written += 1;
    this.#pending.delete(op);
  }

  readReset(key: string): ResetRow | null {
    this.#read += 1;
    return this.#resets.get(key) ?? null;
  }

  readUnfinishedReset(): ResetRow | null {
    this.#read += 1;
    return [...this.#resets.values()].find(({ done }) => !done) ?? null;
  }

  beginReset(key: string, fromEpoch: number, body: string): void {
    if (this.#resets.has(key)) return;
    this.#written += 1;
    this.#resets.set(key, { key, fromEpoch, done: false, body });
  }

  finishResets(): void {
    for (const reset of this.#resets.values()) {
      if (reset.done) continue;
      this.#written += 1;
      reset.done = true;
    }
  }

  writeGuess(session: string, value: number): void {
    this.#written += 1;
    this.#guesses.set(session, value);
  }

  clearGuesses(): void {
    this.#written += this.#guesses.size;
    this.#guesses.clear();
  }
}
