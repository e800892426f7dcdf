/**
 * Refusals that wait to be written. A refusal changes nothing, so it needs no commit of its own: its sender is answered at
 * once, and counts by lane and code are written together. So a sold-out room that is hammered costs a row a second.
 */
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { RoomContext } from './context.ts';
import type { Transaction } from './transaction.ts';

/** Longest wait of counts while other refusals follow, milliseconds. */
const TOLD_EVERY_MS = 1_000;
/**
 * After this long without refusals the first one is written at once, milliseconds: longer than the tick's interval, which
 * writes them too.
 */
const SILENCE_MS = 1_500;

/** Counts refusals by lane and code until they are written as `refused` events. */
export class Refusals {
  readonly #room: RoomContext;
  readonly #counts = new Map<LaneId, Map<ErrorCode, number>>();
  /** The transaction that writes the counts, until it has ended. */
  #toldIn: Transaction | null = null;
  #toldAtMs = 0;

  constructor(room: RoomContext) {
    this.#room = room;
  }

  /**
   * Takes the refusals that a transaction did not write. The tick writes them within a second; after a silence they are written at
   * once.
   */
  follow(tx: Transaction): void {
    for (const [lane, code] of tx.refused) countIn(this.#counts, lane, code);
    tx.refused = [];
    if (tx.steadyMs - this.#toldAtMs < SILENCE_MS) return;
    this.#room.commits.submit({
      run: (next) => {
        if (next.memory.meters.tellsOfTaps) next.forTaps();
        this.appendTo(next);
      },
      failed: () => undefined,
    });
  }

  /** Tells them with a transaction if they have waited long enough for it. */
  appendWhenDue(tx: Transaction): void {
    if (tx.lacksEvent || tx.steadyMs - this.#toldAtMs >= TOLD_EVERY_MS) this.appendTo(tx);
  }

  /** Writes all counts with a transaction, one event for each lane; if it fails they keep waiting. */
  appendTo(tx: Transaction): void {
    const waiting = this.#toldIn === tx ? [] : [...this.#counts];
    const untold = new Map(waiting.map(([lane, codes]) => [lane, new Map(codes)]));
    for (const [lane, code] of tx.refused) countIn(untold, lane, code);
    if (untold.size === 0) return;
    for (const [lane, codes] of untold) {
      tx.append({ kind: 'refused', body: { lane, counts: Object.fromEntries(codes) } });
    }
    tx.refused = [];
    this.#toldIn = tx;
    tx.after(() => {
      this.#counts.clear();
      this.#toldAtMs = tx.steadyMs;
    });
  }
}

function countIn(counts: Map<LaneId, Map<ErrorCode, number>>, lane: LaneId, code: ErrorCode): void {
  const codes = counts.get(lane) ?? new Map<ErrorCode, number>();
  codes.set(code, (codes.get(code) ?? 0) + 1);
  counts.set(lane, codes);
}
