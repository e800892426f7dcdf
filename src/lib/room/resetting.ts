/**
 * Resets as a barrier: every op is either entirely before it, or refused `STALE_EPOCH`. The intent is stored, so that a room
 * that dies goes on with it; nothing new is admitted and lanes elsewhere are fenced; what is in flight settles; then the new
 * epoch begins.
 */
import { usdFromPico } from '#lib/domain/money.ts';
import type { RoomContext, RoomPart } from './context.ts';
import { baseOf } from './memory.ts';
import { roomAccount } from './account.ts';
import type { Task } from './group-commit.ts';
import type { DeferredLane, Fenced, LaneRoom } from './lane.ts';
import type { Reconciliation } from './reconcile.ts';
import { own } from './tables.ts';
import type { Transaction } from './transaction.ts';

/** Wait before fencing a lane is tried again, milliseconds. */
const FENCE_RETRY_MS = 500;
/** How long a caller waits for a reset, milliseconds; then it is told to ask again. */
const PATIENCE_MS = 5_000;

/** Result of a reset for a caller: the epoch that it began, or null while it is still under way. */
export type ResetOutcome = { epoch: number } | null;

/** Carries out resets: intent, fence, settling of what is in flight, new epoch. A reset that was interrupted is continued. */
export class Resetting implements RoomPart {
  readonly #room: RoomContext;
  readonly #reconciliation: Reconciliation;
  /** The epoch that is fenced; null while none is. */
  #fencedEpoch: number | null = null;
  #waiting: ((outcome: ResetOutcome) => void)[] = [];

  constructor(room: RoomContext, reconciliation: Reconciliation) {
    this.#room = room;
    this.#reconciliation = reconciliation;
  }

  /**
   * Resets once per key; the same key again has the first answer. `done` hears null when it could not be finished in time,
   * `failed` when it could not be stored.
   */
  reset(key: string, by: string, done: (outcome: ResetOutcome) => void, failed: Task['failed']): void {
    this.#room.commits.submit({
      run: (tx) => {
        const known = this.#room.ports.tables.readReset(key);
        if (known && (known.done || !tx.memory.resetting)) {
          return tx.after(() => done({ epoch: known.fromEpoch + 1 }));
        }
        const begins = this.#begin(tx, key, by);
        tx.after(() => {
          // Registered first, because a reset of an idle room is done as soon as its lanes are fenced.
          this.#wait(done);
          if (begins) this.#fence();
        });
      },
      failed,
    });
  }

  /** A reset that had begun goes on. */
  wakes(): void {
    if (this.#room.memory.resetting) this.#fence();
  }

  stored({ settles }: Transaction): void {
    if (settles) this.#beginWhenDrained();
  }

  /** Begins the new epoch once the old one is fenced and nothing is in flight any more. */
  #beginWhenDrained(): void {
    const { resetting, pending, facts } = this.#room.memory;
    if (!resetting || this.#fencedEpoch !== facts.epoch || pending.size > 0) return;
    this.#fencedEpoch = null;
    this.#room.commits.submit({
      run: (tx) => this.#finish(tx),
      failed: (error) => {
        this.#room.failed(error);
        this.#fence();
      },
    });
  }

  /** True when it begins a reset; false when it joins the one that is under way and gets its answer. */
  #begin(tx: Transaction, key: string, by: string): boolean {
    const { memory } = tx;
    const begins = !memory.resetting;
    memory.resetting = true;
    const { epoch } = memory.facts;
    tx.write((tables) => {
      const underWay = tables.readUnfinishedReset();
      tables.beginReset(key, epoch, underWay?.body ?? JSON.stringify({ by }));
    });
    return begins;
  }

  #wait(resolve: (outcome: ResetOutcome) => void): void {
    const waiter = (outcome: ResetOutcome) => {
      patience();
      this.#waiting = this.#waiting.filter((other) => other !== waiter);
      resolve(outcome);
    };
    const patience = this.#room.ports.after(PATIENCE_MS, () => waiter(null));
    this.#waiting.push(waiter);
  }

  /** Fences every lane that answers later, one after the other; what fails is tried again. */
  #fence(): void {
    const { opening, facts } = this.#room.memory;
    const { show, sku } = opening;
    const room = { show, sku: sku.id, epoch: facts.epoch, capacity: sku.capacity };
    this.#fenceAll(
      [...this.#room.ports.lanes.values()].filter((lane) => lane.answers === 'later'),
      room,
    );
  }

  #fenceAll([lane, ...others]: readonly DeferredLane[], room: LaneRoom): void {
    if (!lane) {
      this.#fencedEpoch = room.epoch;
      return this.#beginWhenDrained();
    }
    lane.fence(room, (fenced: Fenced) => {
      if ('spent' in fenced) {
        this.#room.memory.meters.add(fenced.spent);
        return this.#fenceAll(others, room);
      }
      // The fence may have been stored all the same, so the reset has to go on.
      this.#room.failed(fenced.error);
      this.#room.ports.after(FENCE_RETRY_MS, () => this.#fence());
    });
  }

  #finish(tx: Transaction): void {
    const { memory } = tx;
    const row = this.#room.ports.tables.readUnfinishedReset();
    if (!row || !memory.resetting) return;
    const { by } = own<{ by: string }>(row.body);
    this.#room.endEpoch(tx, 'reset');
    const realCarriedUsd = usdFromPico(roomAccount(memory).real);
    const fromEpoch = memory.facts.epoch;
    const toEpoch = fromEpoch + 1;
    tx.append({ kind: 'reset', body: { by, fromEpoch, toEpoch, realCarriedUsd } });
    memory.resetting = false;
    memory.meters.restart();
    const base = baseOf(memory.facts);
    tx.write((tables) => {
      tables.finishResets();
      tables.writeFact('base', base);
    });
    tx.after(() => {
      this.#reconciliation.restart();
      for (const waiter of [...this.#waiting]) waiter({ epoch: toEpoch });
    });
  }
}
