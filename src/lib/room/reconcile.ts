/**
 * Reconciliation: applies what lanes that answer later report, in version order. Reports may come out of order or not at all: they
 * are held back until the gap closes, and an outcome that was not reported is read from the lane's own rows. Nothing is
 * guessed.
 */
import type { OrderFact } from '#lib/domain/facts.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId, LaneResult } from '#lib/domain/lane.ts';
import { newestVersion } from '#lib/domain/lineage.ts';
import { draftsOfWrite } from '#lib/domain/settle.ts';
import type { DeferredLane, Outcome, Report } from './lane.ts';
import { ackOf, keep } from './allocate.ts';
import type { Answer } from './allocate.ts';
import type { RoomContext, RoomPart } from './context.ts';
import { appendGrant } from './granting.ts';
import { HeldWrites } from './held-writes.ts';
import type { Held } from './held-writes.ts';
import { land, landedOn } from './in-flight.ts';
import type { PendingOp } from './in-flight.ts';
import { sendAnswer, sendClaims, sendFate } from './personal-messages.ts';
import type { Transaction } from './transaction.ts';
import { PendingReplies } from './pending-replies.ts';

/** First and longest wait before an unknown outcome is looked up again, milliseconds. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/** A report of an outcome other than unknown. */
type Known = Pick<Report, 'work'> & { outcome: Exclude<Outcome, { kind: 'unknown' }> };

/** Applies the reports of lanes that answer later, and reads those that are missing. */
export class Reconciliation implements RoomPart {
  readonly #room: RoomContext;
  readonly #replies: PendingReplies;
  readonly #lanes: readonly DeferredLane[];
  readonly #held: ReadonlyMap<LaneId, HeldWrites>;

  constructor(room: RoomContext) {
    this.#room = room;
    this.#replies = new PendingReplies(room.ports, 2 * room.memory.opening.config.raceWindowMs);
    this.#lanes = [...room.ports.lanes.values()].filter((lane) => lane.answers === 'later');
    this.#held = new Map(
      this.#lanes.map((lane) => [lane.id, new HeldWrites(room.ports, () => void this.#reconcile(lane))]),
    );
  }

  /** Typical flight time of an op, milliseconds. */
  get typicalFlightMs(): number {
    return this.#replies.typicalFlightMs;
  }

  /**
   * Sends an admitted op to its lanes. `answer` is called once: when the last lane has answered, or with `pending`. Simulated
   * shoppers cannot be told later, so they wait for the outcome.
   */
  order(pending: PendingOp, answer: Answer): void {
    const late = pending.sim ? null : () => this.#sayPending(pending.op);
    this.#replies.add(pending.op, answer, late, this.#room.commits.steady());
    this.#send(pending, false);
    // It has no event yet, but stages show how many are in flight.
    this.#room.feed.changedForStages();
  }

  /** After a wake: looks up every op that was in flight, and carries it out if it was not. */
  wakes(): void {
    for (const pending of this.#room.memory.pending.values()) this.#send(pending, true);
  }

  /** A new epoch begins: versions start again. */
  restart(): void {
    for (const held of this.#held.values()) held.clear();
  }

  #send(pending: PendingOp, again: boolean): void {
    for (const lane of this.#lanes) {
      if (pending.lanes[lane.id]?.status === 'pending') {
        this.#carryOut(lane, pending, again, FIRST_RETRY_MS);
      }
    }
  }

  #carryOut(lane: DeferredLane, pending: PendingOp, again: boolean, retryMs: number): void {
    if (!this.#awaits(lane, pending.op)) return;
    const { opening, facts } = this.#room.memory;
    const { show, sku } = opening;
    const { op, label, units, sim, epoch } = pending;
    const tryAgain = () => {
      this.#sayPending(op);
      const nextMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
      this.#room.ports.after(retryMs, () => this.#carryOut(lane, pending, true, nextMs));
    };
    const distanceMs = facts.distances[lane.id] ?? 0;
    const buyer = { op, who: label, units, sim };
    const order = { lane: lane.id, show, sku: sku.id, epoch, buyer, distanceMs };
    lane.carryOut(order, again, ({ outcome, spent, work }) => {
      if (outcome.kind === 'unknown') {
        this.#room.memory.meters.addForTaps(spent);
        return tryAgain();
      }
      this.#submit((tx) => {
        tx.forTaps();
        tx.memory.meters.addForTaps(spent);
        // Of the platform's own nothing is told: their logs stay what older verifiers know.
        this.#settle(tx, lane, op, { outcome, ...(lane.engine && work ? { work } : {}) });
      }, tryAgain);
    });
  }

  /** True while an op's outcome on a lane is open; another look-up or the rows may have settled it. */
  #awaits(lane: DeferredLane, op: string): boolean {
    return this.#room.memory.pending.get(op)?.lanes[lane.id]?.status === 'pending';
  }

  /** Answers a caller with `pending`; the final answer goes to the owner's sockets. */
  #sayPending(op: string): void {
    const pending = this.#room.memory.pending.get(op);
    if (!pending || pending.sim) return;
    this.#replies.take(op)?.(ackOf(structuredClone(pending)));
  }

  #settle(tx: Transaction, lane: DeferredLane, op: string, { outcome, work }: Known): void {
    const pending = tx.memory.pending.get(op);
    if (pending?.lanes[lane.id]?.status !== 'pending') return;
    switch (outcome.kind) {
      case 'refused':
        return this.#land(tx, lane, pending, { status: 'refused', code: outcome.code, units: pending.units });
      case 'granted':
        return this.#grant(tx, lane, pending, work);
      case 'written':
        return this.#applyInOrder(tx, lane, [{ ...outcome, work }]);
    }
  }

  /** Allocates at once: a lane without a lineage has no version that another report could be waited for. */
  #grant(tx: Transaction, lane: DeferredLane, pending: PendingOp, work: Report['work']): void {
    const { op, label, units, sim } = pending;
    const seq = appendGrant(tx, lane.id, { op, who: label, units, sim }, work);
    this.#land(tx, lane, pending, { status: 'allocated', units, seq });
  }

  /** Holds writes, and applies every one that follows the newest version. */
  #applyInOrder(tx: Transaction, lane: DeferredLane, writes: readonly Held[]): void {
    const held = this.#held.get(lane.id);
    if (!held) return;
    for (const { write, times, work } of writes) held.hold({ write, times, work });
    const { lineage } = ofLane(tx.memory.facts.lanes, lane.id);
    for (;;) {
      const next = held.at(newestVersion(lineage) + 1);
      if (!next) break;
      this.#applyWrite(tx, lane, next);
    }
    const applied = newestVersion(lineage);
    // Removed only after it was stored, because a transaction that fails has applied nothing.
    tx.after(() => held.applied(applied));
  }

  #applyWrite(tx: Transaction, lane: DeferredLane, { write, times, work }: Held): void {
    const pending = tx.memory.pending.get(write.op);
    const buyer = { op: write.op, who: write.who, units: write.units, sim: pending?.sim ?? false };
    const [allocated, ...rest] = draftsOfWrite(tx.memory.facts, lane.id, buyer, write, times, work);
    const { seq } = tx.append(allocated);
    const { connections } = this.#room.ports;
    for (const draft of rest) {
      tx.append(draft);
      if (draft.kind !== 'lost' && draft.kind !== 'restored') continue;
      const { kind, body } = draft;
      tx.after(() => sendFate(connections, tx.memory, kind, body));
    }
    this.#sendClaims(tx, lane, write.op);
    if (pending) this.#land(tx, lane, pending, { status: 'allocated', units: pending.units, seq });
  }

  /** Tells every owner of a ticket with one of the same unit numbers how many there are now. */
  #sendClaims(tx: Transaction, lane: DeferredLane, op: string): void {
    const facts = ofLane(tx.memory.facts.lanes, lane.id);
    const order = facts.byOp.get(op);
    if (!order || order.holders < 2) return;
    const holders = new Set<OrderFact>();
    for (let unit = order.firstUnit; unit < order.firstUnit + order.units; unit++) {
      for (const holder of facts.promisedTo.get(unit) ?? []) holders.add(holder);
    }
    tx.after(() => sendClaims(this.#room.ports.connections, tx.memory, lane.id, [...holders]));
  }

  /** Takes a lane's answer to an op in flight. The last one ends the flight. */
  #land(tx: Transaction, lane: DeferredLane, pending: PendingOp, result: LaneResult): void {
    land(tx.memory, pending, lane.id, result);
    const landed = landedOn(pending);
    if (landed < Object.keys(pending.lanes).length) {
      // A wake asks only the lanes that have not answered by now: of an allocation the log tells it.
      const stored = result.status === 'refused' && JSON.stringify(pending);
      if (stored) tx.write((tables) => tables.writePending(pending.op, stored));
      // Where the same transaction settles more of the op, the last of them tells it.
      if (pending.origin === 'socket') {
        tx.after(() => {
          if (landed === landedOn(pending)) this.#tell(pending);
        });
      }
      return;
    }
    tx.memory.pending.delete(pending.op);
    tx.settles = true;
    tx.write((tables) => tables.deletePending(pending.op));
    keep(tx, pending);
    tx.after(() => {
      this.#replies.landed(pending.op, this.#room.commits.steady());
      const waiter = this.#replies.take(pending.op);
      if (pending.origin === 'call') waiter?.(ackOf(pending));
      // The answer to a call that got `pending` is sent to its owner's sockets too.
      if (!pending.sim) this.#tell(pending);
    });
  }

  #tell(pending: PendingOp): void {
    sendAnswer(this.#room.ports.connections, pending.label, ackOf(pending));
  }

  /** Reads the rows after the newest known version, and applies them. */
  async #reconcile(lane: DeferredLane): Promise<void> {
    const { opening, facts } = this.#room.memory;
    const room = { show: opening.show, sku: opening.sku.id, epoch: facts.epoch };
    try {
      const after = newestVersion(ofLane(facts.lanes, lane.id).lineage);
      const { writes, spent } = await lane.writesAfter(room, after);
      this.#submit((tx) => {
        tx.forTaps();
        tx.memory.meters.addForTaps(spent);
        // After a reset meanwhile these rows are of an earlier epoch.
        if (tx.memory.facts.epoch === room.epoch) this.#applyInOrder(tx, lane, writes);
      });
    } catch (error) {
      this.#room.failed(error);
      this.#held.get(lane.id)?.watchGap();
    }
  }

  #submit(run: (tx: Transaction) => void, otherwise?: () => void): void {
    this.#room.commits.submit({
      run,
      failed: (error) => {
        this.#room.failed(error);
        otherwise?.();
      },
    });
  }
}
