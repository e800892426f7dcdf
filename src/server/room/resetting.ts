/**
 * Resetting: a barrier. Every op is either entirely before it, or refused `STALE_EPOCH`. First the line is drawn in every
 * place that can still write (nothing new is admitted, lanes elsewhere are fenced), then what is in flight settles, and
 * only then does the new epoch begin. The intent is stored first, so that a room that dies in between goes on with it.
 */
import type { LaneId } from '#lib/domain/lane.ts';
import { usdFromPico } from '#lib/domain/money.ts';
import type { Lane } from '../lanes/lane.ts';
import type { RoomTables } from '../storage/room-tables.ts';
import type { Engine } from './engine.ts';
import { baseOf, own } from './memory.ts';
import type { RoomMemory } from './memory.ts';
import { roomAccount } from './money.ts';
import type { Turn } from './turn.ts';

/** Wait before a lane that could not be fenced is fenced again, milliseconds. */
const FENCE_RETRY_MS = 500;
/** How long a caller waits for a reset before it is told to come again, milliseconds. */
const PATIENCE_MS = 5_000;

/** What a reset needs of the room. */
export interface ResettingHost {
  readonly tables: RoomTables;
  readonly engine: Engine;
  readonly lanes: ReadonlyMap<LaneId, Lane>;
  memory(): RoomMemory;
  /** Tells what still waits to be told of the old epoch. */
  closeEpoch(turn: Turn): void;
  /** The new epoch has begun. */
  restarted(): void;
  failed(error: unknown): void;
}

/** How a reset ended for a caller: the epoch it began, or null when it is still under way. */
export type ResetOutcome = { epoch: number } | null;

/** See the module's comment. */
export class Resetting {
  readonly #host: ResettingHost;
  /** The epoch under which the line has been drawn; null while none is. */
  #fencedEpoch: number | null = null;
  #waiting: ((outcome: ResetOutcome) => void)[] = [];

  constructor(host: ResettingHost) {
    this.#host = host;
  }

  /** Resets once per key; the same key again has the first answer. Null when it could not be finished in time. */
  reset(key: string, by: string): Promise<ResetOutcome> {
    return new Promise((resolve, reject) => {
      this.#host.engine.submit({
        run: (turn) => {
          const known = this.#host.tables.readReset(key);
          if (known && (known.done || !turn.memory.resetting)) {
            return turn.after(() => resolve({ epoch: known.fromEpoch + 1 }));
          }
          const begins = this.#begin(turn, key, by);
          turn.after(() => {
            // Waiting begins first: an idle room is done as soon as its line is drawn.
            this.#wait(resolve);
            if (begins) void this.#fence();
          });
        },
        failed: reject,
      });
    });
  }

  /** After waking: a reset that had begun goes on. */
  recover(): void {
    if (this.#host.memory().resetting) void this.#fence();
  }

  /** Nothing is in flight any more: the new epoch begins, if the line has been drawn. */
  drained(): void {
    const { resetting, pending, facts } = this.#host.memory();
    if (!resetting || this.#fencedEpoch !== facts.epoch || pending.size > 0) return;
    this.#fencedEpoch = null;
    this.#host.engine.submit({
      run: (turn) => this.#finish(turn),
      failed: (error) => {
        this.#host.failed(error);
        void this.#fence();
      },
    });
  }

  /** True when a reset begins; false when it joins the one that is under way, whose answer it gets. */
  #begin(turn: Turn, key: string, by: string): boolean {
    const { memory } = turn;
    const begins = !memory.resetting;
    memory.resetting = true;
    const { epoch } = memory.facts;
    turn.write((tables) => {
      const underWay = tables.readUnfinishedReset();
      tables.beginReset(key, epoch, underWay?.body ?? JSON.stringify({ by }));
    });
    return begins;
  }

  #wait(resolve: (outcome: ResetOutcome) => void): void {
    const waiter = (outcome: ResetOutcome) => {
      clearTimeout(timer);
      this.#waiting = this.#waiting.filter((other) => other !== waiter);
      resolve(outcome);
    };
    const timer = setTimeout(() => waiter(null), PATIENCE_MS);
    this.#waiting.push(waiter);
  }

  async #fence(): Promise<void> {
    const { opening, facts } = this.#host.memory();
    const room = {
      show: opening.show,
      sku: opening.sku.id,
      epoch: facts.epoch,
      capacity: opening.sku.capacity,
    };
    try {
      for (const lane of this.#host.lanes.values()) {
        if (lane.answers === 'later') this.#host.memory().meters.add(await lane.fence(room));
      }
      this.#fencedEpoch = room.epoch;
      this.drained();
    } catch (error) {
      // The line may have been drawn all the same: there is no way back, only on.
      this.#host.failed(error);
      setTimeout(() => void this.#fence(), FENCE_RETRY_MS);
    }
  }

  #finish(turn: Turn): void {
    const { memory } = turn;
    const row = this.#host.tables.readUnfinishedReset();
    if (!row || !memory.resetting) return;
    const { by } = own<{ by: string }>(row.body);
    this.#host.closeEpoch(turn);
    const realCarriedUsd = usdFromPico(roomAccount(memory).real);
    const fromEpoch = memory.facts.epoch;
    const toEpoch = fromEpoch + 1;
    turn.tell({ kind: 'reset', body: { by, fromEpoch, toEpoch, realCarriedUsd } });
    memory.resetting = false;
    memory.meters.restart();
    const base = baseOf(memory.facts);
    turn.write((tables) => {
      tables.finishResets();
      tables.writeFact('base', base);
    });
    turn.after(() => {
      this.#host.restarted();
      for (const waiter of [...this.#waiting]) waiter({ epoch: toEpoch });
    });
  }
}
