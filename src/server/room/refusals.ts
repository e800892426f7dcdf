/**
 * Refusals that wait to be told. A refusal changes nothing, so it needs no commit of its own: whoever asked is answered at
 * once, and the counts are told together, without anybody's name. A sold-out room that is hammered costs a row a second.
 */
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { RoomContext } from './context.ts';
import type { Transaction } from './transaction.ts';

/** How long counts may wait while others are told, milliseconds. */
const TOLD_EVERY_MS = 1_000;
/** After so long a silence the first refusal is told at once: longer than the tick's second, which tells them by itself. */
const SILENCE_MS = 1_500;

/** See the module's comment. */
export class Refusals {
  readonly #room: RoomContext;
  readonly #counts = new Map<LaneId, Map<ErrorCode, number>>();
  /** The transaction that tells the counts, until they are cleared with its end: it may be asked twice. */
  #toldIn: Transaction | null = null;
  #toldAtMs = 0;

  constructor(room: RoomContext) {
    this.#room = room;
  }

  /**
   * Takes over what a transaction refused and did not tell: the tick will, within a second; after a silence it need not be waited
   * for.
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

  /** Tells them all with a transaction, one event for each lane. A transaction that cannot be stored leaves them waiting. */
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
