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
  /** The new epoch has begun. */
  restarted(): void;
  failed(error: unknown): void;
}

/** How a reset ended for a caller: the epoch it began, or null when it is still under way. */
export type ResetOutcome = { epoch: number } | null;

/** See the module's comment. */
export class Resetting {
  readonly #host: ResettingHost;
  #fenced = false;
  #waiting: ((outcome: ResetOutcome) => void)[] = [];

  constructor(host: ResettingHost) {
    this.#host = host;
  }

  /** Resets once per key; the same key again has the first answer. Null when it could not be finished in time. */
  async reset(key: string, by: string): Promise<ResetOutcome> {
    const known = this.#host.tables.readReset(key);
    if (known?.done) return { epoch: known.fromEpoch + 1 };
    // Waiting begins first: an idle room is done before beginning returns.
    const outcome = this.#wait();
    if (!this.#host.memory().resetting) await this.#begin(key, by);
    return outcome;
  }

  #wait(): Promise<ResetOutcome> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), PATIENCE_MS);
      this.#waiting.push((outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      });
    });
  }

  /** After waking: a reset that had begun goes on. */
  recover(): void {
    if (this.#host.memory().resetting) void this.#fence();
  }

  /** Nothing is in flight any more: the new epoch begins, if the line has been drawn. */
  drained(): void {
    const { resetting, pending } = this.#host.memory();
    if (!resetting || !this.#fenced || pending.size > 0) return;
    this.#fenced = false;
    this.#host.engine.submit({
      run: (turn) => this.#finish(turn),
      failed: (error) => {
        this.#host.failed(error);
        void this.#fence();
      },
    });
  }

  async #begin(key: string, by: string): Promise<void> {
    await this.#host.engine.ask((turn) => {
      if (turn.memory.resetting) return;
      turn.memory.resetting = true;
      const { epoch } = turn.memory.facts;
      turn.write((tables) => tables.beginReset(key, epoch, JSON.stringify({ by })));
    });
    await this.#fence();
  }

  async #fence(): Promise<void> {
    const { opening, facts } = this.#host.memory();
    const room = { show: opening.show, sku: opening.sku.id, epoch: facts.epoch, capacity: opening.sku.capacity };
    try {
      for (const lane of this.#host.lanes.values()) {
        if (lane.answers === 'later') this.#host.memory().meters.add(await lane.fence(room));
      }
      this.#fenced = true;
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
    const realCarriedUsd = usdFromPico(roomAccount(memory).real);
    const fromEpoch = memory.facts.epoch;
    const toEpoch = fromEpoch + 1;
    turn.tell({ kind: 'reset', body: { by, fromEpoch, toEpoch, realCarriedUsd } });
    memory.resetting = false;
    memory.meters.restart();
    const base = baseOf(memory.facts);
    turn.write((tables) => {
      tables.finishReset(row.key);
      tables.writeFact('base', base);
    });
    turn.after(() => {
      this.#host.restarted();
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resolve of waiting) resolve({ epoch: toEpoch });
    });
  }
}
