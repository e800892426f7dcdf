/** Makes what clients see from the reducer's state: the room's state, and a person's holdings. */
import { assert } from './assert.ts';
import { engineIn } from './engines.ts';
import type { EngineLabel } from './engines.ts';
import { oversellDelta } from './facts.ts';
import { guessState } from './guess.ts';
import type { LaneFacts, OrderFact, RoomFacts } from './facts.ts';
import type { Histogram } from './histogram.ts';
import { summarise } from './histogram.ts';
import { currentHold } from './hold.ts';
import { byLane, idsIn, lanesIn } from './by-lane.ts';
import { ofLane } from './lane.ts';
import type { ByLane, LaneCounters } from './lane.ts';
import type { LedgerTotals } from './ledger.ts';
import { duelOfFacts } from './race-duel.ts';
import type { Holding, LaneState, People, RoomState } from './room-state.ts';
import { workFigures } from './work.ts';

/** What a room knows beside its events: connections, ops in flight, measured latency. */
export interface Live<L extends LedgerTotals> {
  people: People;
  /** Unix milliseconds, to see whether a hold still lasts. */
  nowMs: number;
  inFlight: ByLane<number>;
  latency: ByLane<Histogram>;
  ledger: L;
  /** Unix milliseconds. */
  closesAt: number;
  /** What the platform's own engines are here. */
  own: EngineLabel;
  /** Number of answers to the open guess. */
  guesses?: number;
}

/** A lane's counters. */
export function countersOf(lane: LaneFacts, capacity: number, inFlight: number): LaneCounters {
  return {
    capacity,
    acknowledged: lane.acknowledged,
    stored: lane.stored,
    lostUnits: lane.acknowledged - lane.stored,
    oversellDelta: oversellDelta(lane, capacity),
    ops: lane.ops,
    refused: { ...lane.refused },
    inFlight,
    conflicts: lane.conflicts,
    ...(lane.work ? workFigures(lane.work) : {}),
  };
}

/** The room's state. Call only after the opening event. */
export function roomState<L extends LedgerTotals>(facts: RoomFacts, live: Live<L>): RoomState<L> {
  const { opened, guardrail } = facts;
  assert(opened, 'the room was opened');
  const lanes = byLane(idsIn(facts.lanes), (id): LaneState => ({
    ...countersOf(ofLane(facts.lanes, id), opened.sku.capacity, ofLane(live.inFlight, id)),
    latency: summarise(ofLane(live.latency, id)),
    engine: { ...engineIn(opened, id, live.own), distanceMs: facts.distances[id] ?? 0 },
  }));
  return {
    room: opened.room,
    show: opened.show,
    sku: opened.sku,
    epoch: facts.epoch,
    seq: facts.seq,
    mode: facts.mode,
    step: facts.step,
    hold: currentHold(facts.hold, live.nowMs),
    people: live.people,
    lanes,
    ledger: live.ledger,
    guardrail: {
      tripped: guardrail.tripped,
      by: guardrail.by,
      atMs: guardrail.atMs,
      thresholdUsd: opened.config.virtualCostThreshold,
      action: opened.config.guardrailAction,
    },
    closesAt: live.closesAt,
    ...(facts.guess ? { guess: guessState(facts.guess, live.guesses ?? 0) } : {}),
  };
}

/**
 * The ledger of the newest `cost` event, which frames show, so that every figure on a screen is in the log. Before the first
 * `cost` event of an epoch it has only what was carried over.
 */
export function toldLedger({ opened, cost, lockTold, realCarriedUsd }: RoomFacts): LedgerTotals {
  assert(opened, 'the room was opened');
  if (cost) {
    const { meters: _meters, taps: _taps, ...told } = cost;
    return { ...told, locked: told.locked || lockTold };
  }
  const { billingScale, demoCostLimit: limitUsd, virtualLoadFactor: loadFactor } = opened.config;
  const nothing = { virtualUsd: 0, platformUsd: 0, tapsUsd: 0, exposureUsd: 0, realUsd: realCarriedUsd };
  return { ...nothing, limitUsd, billingScale, loadFactor, locked: lockTold };
}

/** A person's holdings in this epoch, in the order of allocation. Labels are unique in a show. */
export function holdingsOf(facts: RoomFacts, label: string): Holding[] {
  const held = lanesIn(facts.lanes).flatMap(([lane, of]) =>
    (of.byOwner.get(label) ?? []).map((order): Holding => ({
      op: order.op,
      lane,
      units: order.units,
      seq: order.seq,
      fate: order.lostTo ? 'lost' : 'kept',
      ...(order.lostTo ? { by: order.lostTo.who, ...duelIn(of, order) } : {}),
      holders: order.holders,
    })),
  );
  return held.sort((a, b) => a.seq - b.seq);
}

function duelIn(lane: LaneFacts, { op, lostTo }: OrderFact): Pick<Holding, 'duel'> {
  const duel = lostTo && duelOfFacts(lane, op, lostTo.op);
  return duel ? { duel } : {};
}
