/**
 * The cost tick: stores and tells the room's cost, at most once a second while something happens, and stops afterwards.
 * What was refused and what phones measured is told before it, so that the cost is that of telling them as well.
 */
import type { EventKind } from '#lib/domain/events.ts';
import type { Costs, EpochEnd, Metrics, RoomContext, RoomPart } from './context.ts';
import { appendLatency, appendLatencyWhenDue } from './measuring.ts';
import { appendCost, watchThreshold } from './account.ts';
import { Refusals } from './refusals.ts';
import type { Transaction } from './transaction.ts';

/** Shortest time between two `cost` events, milliseconds. */
const COST_TICK_MS = 1_000;
/** Kinds after which there is nothing to tell of costs: what a tick itself costs waits for the next thing that happens. */
const OF_THE_TICK: ReadonlySet<EventKind> = new Set(['cost', 'latency', 'closed']);

/** Stores and tells the room's cost, at most once a second. */
export class CostTick implements RoomPart, Costs {
  readonly #room: RoomContext;
  readonly #refusals: Refusals;
  readonly #metrics: Metrics | null;
  #isComing = false;
  /** True while the cost has changed since it was told. */
  #moved = false;

  constructor(room: RoomContext, metrics: Metrics | null) {
    this.#room = room;
    this.#refusals = new Refusals(room);
    this.#metrics = metrics;
  }

  /** True when a tick is due, which stores whatever is metered until then. */
  get isComing(): boolean {
    return this.#isComing;
  }

  closes(tx: Transaction): void {
    this.#refusals.appendWhenDue(tx);
    watchThreshold(tx);
  }

  /** Tells the newest ledger, so that every figure that a screen has shown is in the log. */
  epochEnds(tx: Transaction, by: EpochEnd): void {
    this.#refusals.appendTo(tx);
    // What phones measured is of the room's whole life.
    if (by === 'end') appendLatency(tx);
    appendCost(tx);
  }

  /** What was in flight when the show ended has settled: no tick comes any more that would tell what was refused, and what it cost. */
  settled(tx: Transaction): void {
    this.#metrics?.flush();
    this.#refusals.appendTo(tx);
    appendCost(tx);
  }

  /** Everybody is about to leave: no tick comes any more that would write the gathered points. */
  ended(): void {
    this.#metrics?.flush();
  }

  told(tx: Transaction): void {
    const isTick = tx.appended.every(({ event }) => OF_THE_TICK.has(event.kind));
    if (tx.refused.length > 0 || !isTick) this.spent();
    if (tx.refused.length > 0) this.#refusals.follow(tx);
  }

  /** Something happened that costs: the next tick tells it within a second, and then the timer stops. */
  spent(): void {
    this.#moved = true;
    this.handled();
  }

  /**
   * A message came in: its cost is stored within a second, so that hibernation does not lose it, and told with the next event.
   * A tick that told it would cause frames, these would cause `seen`, and the room would never fall silent.
   * Once the show is over, nothing more is told of what it costs to be read.
   */
  handled(): void {
    if (this.#hasEnded || this.#isComing) return;
    this.#isComing = true;
    this.#room.ports.after(COST_TICK_MS, () => {
      this.#isComing = false;
      this.#metrics?.flush();
      this.#room.ports.ticked();
      const moved = this.#moved;
      this.#moved = false;
      this.#submit((tx) => this.#tick(tx, moved));
    });
  }

  #tick(tx: Transaction, moved: boolean): void {
    const { meters } = tx.memory;
    tx.saveFully();
    // It would not have come, or not now, but for the taps before it.
    if (meters.tellsOfTaps) tx.forTaps();
    meters.settleTick();
    if (this.#hasEnded) return;
    appendLatencyWhenDue(tx);
    if (!moved) return;
    this.#refusals.appendTo(tx);
    appendCost(tx);
  }

  #submit(run: (tx: Transaction) => void): void {
    this.#room.commits.submit({ run, failed: () => undefined });
  }

  get #hasEnded(): boolean {
    return this.#room.memory.facts.closed !== null;
  }
}
