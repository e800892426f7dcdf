/**
 * Settling: what lanes that answer later report, applied in version order. Reports may come out of order or not at all:
 * they are held back until the gap closes, and an outcome that nobody reported is read from the lane's own rows. Nothing
 * is ever guessed.
 */
import type { LaneId } from '#lib/domain/lane.ts';
import { newestVersion } from '#lib/domain/lineage.ts';
import type { Write } from '#lib/domain/lineage.ts';
import { draftsOfWrite } from '#lib/domain/settle.ts';
import type { WriteTimes } from '#lib/domain/settle.ts';
import type { FateBody } from '#lib/domain/events.ts';
import type { OrderFact } from '#lib/domain/facts.ts';
import type { DeferredLane, Lane, Outcome } from '../lanes/lane.ts';
import { steadyClock } from '../clock.ts';
import { ackOf, keep } from './buying.ts';
import type { OpAnswer } from './buying.ts';
import type { Engine } from './engine.ts';
import type { PendingOp, RoomMemory } from './memory.ts';
import type { Turn } from './turn.ts';
import { Waiters } from './waiters.ts';

/** How long a gap between versions may stay open before the rows are asked, milliseconds. */
const GAP_PATIENCE_MS = 2_000;
/** First and longest wait before an unknown outcome is looked up again, milliseconds. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
/** Weight of the newest flight in the typical time of flight. */
const NEWEST_WEIGHT = 0.1;

/** What settling needs of the room. */
export interface SettlingHost {
  readonly engine: Engine;
  readonly lanes: ReadonlyMap<LaneId, Lane>;
  memory(): RoomMemory;
  now(): number;
  /** Tells an op's owner, wherever they are connected by now. */
  answerOwner(label: string, answer: OpAnswer): void;
  tellFate(kind: 'lost' | 'restored', body: FateBody): void;
  tellClaims(lane: LaneId, orders: readonly OrderFact[]): void;
  /** Nothing is in flight any more. */
  drained(): void;
  failed(error: unknown): void;
}

/** An outcome that says what happened. */
type KnownOutcome = Exclude<Outcome, { kind: 'unknown' }>;

/** See the module's comment. */
export class Settling {
  readonly #host: SettlingHost;
  readonly #waiters = new Waiters();
  /** Writes that came before the versions they follow, by lane and version. */
  readonly #held = new Map<LaneId, Map<number, { write: Write; times: WriteTimes }>>();
  readonly #gapTimers = new Map<LaneId, ReturnType<typeof setTimeout>>();
  #typicalFlightMs: number;
  readonly #steady: () => number;
  /** When ops that are in flight were sent, those of this memory. */
  readonly #sentAtMs = new Map<string, number>();

  constructor(host: SettlingHost) {
    this.#host = host;
    this.#steady = steadyClock(() => host.now());
    this.#typicalFlightMs = 2 * host.memory().opening.config.raceWindowMs;
  }

  /** How long an op is in flight by now: a moving average of what was measured, milliseconds. */
  get typicalFlightMs(): number {
    return this.#typicalFlightMs;
  }

  /**
   * Sends an admitted op to its lanes; `answer` is called once: when the last of them has answered, or to say that the
   * op is pending. A simulated shopper has nowhere to hear more later, so it waits for the end.
   */
  order(pending: PendingOp, answer: (answer: OpAnswer) => void): void {
    this.#sentAtMs.set(pending.op, this.#steady());
    this.#waiters.add(pending.op, answer, pending.sim ? null : () => this.#sayPending(pending.op));
    this.#send(pending, false);
  }

  /** After waking: every op that was in flight is looked up, and carried out if nobody had got so far. */
  recover(): void {
    for (const pending of this.#host.memory().pending.values()) this.#send(pending, true);
  }

  #send(pending: PendingOp, again: boolean): void {
    for (const lane of this.#host.lanes.values()) {
      if (lane.answers === 'later' && pending.lanes[lane.id]?.status === 'pending') {
        void this.#carryOut(lane, pending, again, FIRST_RETRY_MS);
      }
    }
  }

  async #carryOut(lane: DeferredLane, pending: PendingOp, again: boolean, retryMs: number): Promise<void> {
    if (!this.#awaits(lane, pending.op)) return;
    const { show, sku } = this.#host.memory().opening;
    const { op, label, units, sim, epoch } = pending;
    const buyer = { op, who: label, units, sim };
    const { outcome, spent } = await lane.carryOut({ show, sku: sku.id, epoch, buyer }, again);
    const tryAgain = () => {
      this.#sayPending(op);
      const nextMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
      setTimeout(() => void this.#carryOut(lane, pending, true, nextMs), retryMs);
    };
    if (outcome.kind === 'unknown') {
      this.#host.memory().meters.addForTaps(spent);
      tryAgain();
      return;
    }
    this.#submit((turn) => {
      turn.forTaps();
      turn.memory.meters.addForTaps(spent);
      this.#settle(turn, lane, op, outcome);
    }, tryAgain);
  }

  /** True while an op's outcome on a lane is open: another look-up, or the rows, may have settled it meanwhile. */
  #awaits(lane: DeferredLane, op: string): boolean {
    return this.#host.memory().pending.get(op)?.lanes[lane.id]?.status === 'pending';
  }

  /** Whoever waits hears that the outcome is not known yet; the final answer goes to the owner's sockets. */
  #sayPending(op: string): void {
    const pending = this.#host.memory().pending.get(op);
    if (!pending || pending.sim) return;
    this.#waiters.take(op)?.(ackOf(structuredClone(pending)));
  }

  #settle(turn: Turn, lane: DeferredLane, op: string, outcome: KnownOutcome): void {
    const pending = turn.memory.pending.get(op);
    if (pending?.lanes[lane.id]?.status !== 'pending') return;
    switch (outcome.kind) {
      case 'refused':
        pending.lanes[lane.id] = { status: 'refused', code: outcome.code, units: pending.units };
        this.#finish(turn, pending);
        return;
      case 'written':
        this.#hold(lane, outcome);
        this.#applyInOrder(turn, lane);
        return;
    }
  }

  #hold(lane: DeferredLane, { write, times }: Extract<Outcome, { kind: 'written' }>): void {
    const held = this.#held.get(lane.id) ?? new Map<number, { write: Write; times: WriteTimes }>();
    held.set(write.version, { write, times });
    this.#held.set(lane.id, held);
  }

  #applyInOrder(turn: Turn, lane: DeferredLane): void {
    const held = this.#held.get(lane.id);
    if (!held) return;
    const { lineage } = turn.memory.facts.lanes[lane.id];
    for (;;) {
      const next = held.get(newestVersion(lineage) + 1);
      if (!next) break;
      this.#applyWrite(turn, lane, next.write, next.times);
    }
    const applied = newestVersion(lineage);
    // Forgotten only once it is stored: a turn that is not stored has applied nothing.
    turn.after(() => {
      for (const version of [...held.keys()]) if (version <= applied) held.delete(version);
      if (held.size > 0) this.#watchGap(lane);
      else this.#stopWatching(lane);
    });
  }

  #applyWrite(turn: Turn, lane: DeferredLane, write: Write, times: WriteTimes): void {
    const pending = turn.memory.pending.get(write.op);
    const buyer = { op: write.op, who: write.who, units: write.units, sim: pending?.sim ?? false };
    const [allocated, ...rest] = draftsOfWrite(turn.memory.facts, lane.id, buyer, write, times);
    if (!allocated) return;
    const { seq } = turn.tell(allocated);
    for (const draft of rest) {
      turn.tell(draft);
      if (draft.kind === 'lost' || draft.kind === 'restored') {
        turn.after(() => this.#host.tellFate(draft.kind, draft.body));
      }
    }
    this.#tellClaims(turn, lane, write.op);
    if (!pending) return;
    pending.lanes[lane.id] = { status: 'allocated', units: pending.units, seq };
    this.#finish(turn, pending);
  }

  /** Everybody who was promised one of the same unit numbers learns how many they are by now. */
  #tellClaims(turn: Turn, lane: DeferredLane, op: string): void {
    const facts = turn.memory.facts.lanes[lane.id];
    const order = facts.byOp.get(op);
    if (!order || order.holders < 2) return;
    const holders = new Set<OrderFact>();
    for (let unit = order.firstUnit; unit < order.firstUnit + order.units; unit++) {
      for (const holder of facts.promisedTo.get(unit) ?? []) holders.add(holder);
    }
    turn.after(() => this.#host.tellClaims(lane.id, [...holders]));
  }

  #finish(turn: Turn, pending: PendingOp): void {
    if (Object.values(pending.lanes).some(({ status }) => status === 'pending')) return;
    turn.memory.pending.delete(pending.op);
    turn.write((tables) => tables.deletePending(pending.op));
    keep(turn, pending);
    turn.after(() => {
      this.#measureFlight(pending.op);
      const waiter = this.#waiters.take(pending.op);
      if (pending.origin === 'call') waiter?.(ackOf(pending));
      // A call that was told `pending`, or one that a socket asked about meanwhile, is answered on the sockets too.
      if (!pending.sim) this.#host.answerOwner(pending.label, ackOf(pending));
      if (turn.memory.pending.size === 0) this.#host.drained();
    });
  }

  /** An op that a memory of before has sent tells nothing: what it waited for was the room. */
  #measureFlight(op: string): void {
    const sentAtMs = this.#sentAtMs.get(op);
    if (sentAtMs === undefined) return;
    this.#sentAtMs.delete(op);
    this.#typicalFlightMs += NEWEST_WEIGHT * (this.#steady() - sentAtMs - this.#typicalFlightMs);
  }

  #watchGap(lane: DeferredLane): void {
    if (this.#gapTimers.has(lane.id)) return;
    this.#gapTimers.set(
      lane.id,
      setTimeout(() => {
        this.#gapTimers.delete(lane.id);
        void this.reconcile(lane);
      }, GAP_PATIENCE_MS),
    );
  }

  #stopWatching(lane: DeferredLane): void {
    clearTimeout(this.#gapTimers.get(lane.id));
    this.#gapTimers.delete(lane.id);
  }

  /** Reads the rows that the room has not heard of, and applies them. */
  async reconcile(lane: DeferredLane): Promise<void> {
    const { opening, facts } = this.#host.memory();
    const room = { show: opening.show, sku: opening.sku.id, epoch: facts.epoch };
    try {
      const after = newestVersion(facts.lanes[lane.id].lineage);
      const { writes, spent } = await lane.writesAfter(room, after);
      this.#submit((turn) => {
        turn.forTaps();
        turn.memory.meters.addForTaps(spent);
        // A reset may have passed meanwhile: these rows are of an epoch that is over.
        if (turn.memory.facts.epoch !== room.epoch) return;
        for (const { write, times } of writes) this.#hold(lane, { kind: 'written', write, times });
        this.#applyInOrder(turn, lane);
      });
    } catch (error) {
      this.#host.failed(error);
      this.#watchGap(lane);
    }
  }

  #submit(run: (turn: Turn) => void, otherwise?: () => void): void {
    this.#host.engine.submit({
      run,
      failed: (error) => {
        this.#host.failed(error);
        otherwise?.();
      },
    });
  }

  /** A new epoch begins: versions start again. */
  restart(): void {
    this.#held.clear();
    for (const timer of this.#gapTimers.values()) clearTimeout(timer);
    this.#gapTimers.clear();
  }
}
