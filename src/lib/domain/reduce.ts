/**
 * The reducer: state = reduce(events). The same one runs in the room, in the rehearsal, on the verify page and in the
 * tests. It trusts the log (the audit does not) and throws on what no room can have written.
 */
import { assert, unreachable } from './assert.ts';
import type { AllocatedBody, EventBodies, FateBody, RoomEvent } from './events.ts';
import { emptyLanes, freshEpoch } from './facts.ts';
import type { LaneFacts, OrderFact, RoomFacts } from './facts.ts';
import { guessAfter } from './guess.ts';
import { idsIn } from './by-lane.ts';
import { ofLane } from './lane.ts';
import { countEvent } from './lane-totals.ts';
import { append } from './lineage.ts';
import { writeOf } from './write.ts';

/** Applies one event, in place. Events come in `seq` order, without gaps. */
export function apply(facts: RoomFacts, event: RoomEvent): void {
  applyCounters(facts, event);
  if (event.kind === 'allocated' && event.body.version !== undefined) {
    const lane = ofLane(facts.lanes, event.body.lane);
    const order = lane.byOp.get(event.body.op);
    if (order) countHolders(lane, order);
  }
}

/**
 * The same without who holds the same unit numbers. That takes time and memory for each pair of orders that were promised
 * the same unit, and only those who tell it to ticket holders need it: not a screen, and not a log of which nothing is known.
 */
export function applyCounters(facts: RoomFacts, event: RoomEvent): void {
  assert(event.seq === facts.seq + 1, `event ${event.seq} follows ${facts.seq}`);
  facts.seq = event.seq;
  facts.head = event.hash;
  applyBody(facts, event);
  countEvent(facts.lanes, event);
}

function applyBody(facts: RoomFacts, event: RoomEvent): void {
  switch (event.kind) {
    case 'opened':
      // A second opening is the audit's to find: what was counted stays.
      if (!facts.opened) facts.lanes = emptyLanes(event.body.lanes);
      facts.opened = event.body;
      facts.epoch = event.epoch;
      facts.mode = event.body.mode;
      facts.step = event.body.step;
      return;
    case 'mode':
      facts.mode = event.body.mode;
      return;
    case 'step':
      facts.step = event.body.step;
      return;
    case 'held':
      facts.hold = { sinceMs: event.atMs, goAtMs: null };
      return;
    case 'go':
      if (facts.hold) facts.hold = { ...facts.hold, goAtMs: event.body.goAtMs };
      return;
    case 'distance':
      facts.distances = { ...facts.distances, [event.body.lane]: event.body.ms };
      return;
    case 'allocated':
      return applyAllocated(ofLane(facts.lanes, event.body.lane), event.body, event);
    case 'lost':
    case 'restored':
      return applyFate(ofLane(facts.lanes, event.body.lane), event.kind, event.body);
    case 'oversold':
      ofLane(facts.lanes, event.body.lane).oversoldTold = event.body.delta;
      return;
    case 'cost':
      facts.cost = event.body;
      return;
    case 'guardrail':
      return applyGuardrail(facts, event.body, event.atMs);
    case 'locked':
      facts.lockTold = true;
      return;
    case 'reset':
      return applyReset(facts, event.body);
    case 'closed':
      facts.closed = event.body.by;
      return;
    case 'drill':
      facts.drillSeq = event.seq;
      return;
    case 'refused':
    case 'recovered':
      return;
    case 'latency':
      facts.latency = { told: event.body, atMs: event.atMs };
      return;
    case 'incident':
      // A property of its own, whatever the check is called, and no copy of what was told before.
      Object.defineProperty(facts.incidents, event.body.check, {
        value: event.body.state,
        configurable: true,
        enumerable: true,
        writable: true,
      });
      return;
    case 'guess':
      facts.guess = guessAfter(facts.guess, event.body, event.seq);
      return;
    default:
      unreachable(event);
  }
}

function applyAllocated(lane: LaneFacts, body: AllocatedBody, event: { seq: number; atMs: number }): void {
  const write = writeOf(body);
  const order: OrderFact = {
    op: body.op,
    who: body.who,
    units: body.units,
    seq: event.seq,
    atMs: event.atMs,
    sim: body.sim === true,
    version: write?.version ?? null,
    firstUnit: (write?.readAllocated ?? lane.acknowledged) + 1,
    lostTo: null,
    holders: 1,
  };
  lane.byOp.set(order.op, order);
  const theirs = lane.byOwner.get(order.who);
  if (theirs) theirs.push(order);
  else lane.byOwner.set(order.who, [order]);
  if (write) append(lane.lineage, write);
}

/** Every op that was promised one of the same unit numbers holds the same ticket: count it on both sides, once. */
function countHolders(lane: LaneFacts, order: OrderFact): void {
  const others = new Set<OrderFact>();
  for (let unit = order.firstUnit; unit < order.firstUnit + order.units; unit++) {
    const promised = lane.promisedTo.get(unit);
    if (promised) {
      for (const other of promised) others.add(other);
      promised.push(order);
    } else {
      lane.promisedTo.set(unit, [order]);
    }
  }
  for (const other of others) other.holders += 1;
  order.holders = 1 + others.size;
}

function applyFate(lane: LaneFacts, kind: 'lost' | 'restored', body: FateBody): void {
  const order = lane.byOp.get(body.op);
  assert(order, `op ${body.op} was allocated before it was ${kind}`);
  assert((order.lostTo === null) === (kind === 'lost'), `op ${body.op} can be ${kind}`);
  order.lostTo = kind === 'lost' ? { op: body.by, who: body.byWho } : null;
  lane.lostByLineage += kind === 'lost' ? body.units : -body.units;
}

function applyGuardrail(facts: RoomFacts, body: EventBodies['guardrail'], atMs: number): void {
  const tripped = body.state === 'tripped';
  const threshold = facts.opened?.config.virtualCostThreshold ?? Infinity;
  facts.guardrail = {
    tripped,
    by: tripped ? body.by : null,
    atMs: tripped ? atMs : null,
    crossed: facts.guardrail.crossed || body.virtualUsd >= threshold,
  };
}

function applyReset(facts: RoomFacts, body: EventBodies['reset']): void {
  const { toEpoch: epoch, realCarriedUsd } = body;
  Object.assign(facts, { epoch, realCarriedUsd }, freshEpoch(idsIn(facts.lanes)));
}
