/** What the events of a room add up to: the state that the reducer makes, and nothing that it cannot make. */
import type { CostBody, EventBodies, GuardrailCause, LatencyBody, Verdict } from './events.ts';
import type { GuessFacts } from './guess.ts';
import type { Hold } from './hold.ts';
import { byLane, lanesIn } from './by-lane.ts';
import type { ByLane, LaneId, Mode } from './lane.ts';
import { emptyTotals } from './lane-totals.ts';
import type { LaneTotals } from './lane-totals.ts';
import { FIRST_LANE, LANES } from './lanes.ts';
import { emptyLineage } from './lineage.ts';
import type { Lineage } from './lineage.ts';
import type { Write } from './write.ts';

/** An op that was allocated on a lane, and what became of it. */
export interface OrderFact {
  op: string;
  who: string;
  units: number;
  seq: number;
  atMs: number;
  sim: boolean;
  /** The version that its write made; null on lanes that do not read and write blindly. */
  version: number | null;
  /** First of its unit numbers; the last is `firstUnit + units − 1`. */
  firstUnit: number;
  /** The write that erased it from the stored counter, while it is lost. */
  lostTo: { op: string; who: string } | null;
  /** How many ops have one of the same unit numbers, this one included. */
  holders: number;
}

/** One lane in one epoch. */
export interface LaneFacts extends LaneTotals {
  /** Units of orders that are lost now, by lineage; equal to `acknowledged − stored` once settled. */
  lostByLineage: number;
  /** The delta of the newest `oversold` event, which is the largest. */
  oversoldTold: number;
  /** Every order, in the sequence of their events. */
  byOp: Map<string, OrderFact>;
  /** The same by who placed them: whoever comes in is told what they hold, and a crowd comes in at once. */
  byOwner: Map<string, OrderFact[]>;
  /** Orders by unit number; kept for lanes that can allocate one unit number twice. */
  promisedTo: Map<number, OrderFact[]>;
  /** Writes of lanes that read and write blindly; stays empty on others. */
  lineage: Lineage;
}

/** The guardrail as the events tell it. */
export interface GuardrailFacts {
  tripped: boolean;
  by: GuardrailCause | null;
  atMs: number | null;
  /** True once a crossing was told in this epoch, because the threshold trips once per crossing. */
  crossed: boolean;
}

/** State of a room as the reducer makes it from its events. */
export interface RoomFacts {
  opened: EventBodies['opened'] | null;
  epoch: number;
  seq: number;
  /** Hash of event `seq`; 64 zeros before the first. */
  head: string;
  mode: Mode;
  step: number;
  /** The newest hold, its GO included; null before the first. It outlives a reset. */
  hold: Hold | null;
  /** Of the show, from its opening on. */
  lanes: ByLane<LaneFacts>;
  /** How far away the engine of a lane was set, milliseconds; it outlives a reset. A lane that is missing is not away. */
  distances: ByLane<number>;
  guardrail: GuardrailFacts;
  /** The newest `cost` event of this epoch. */
  cost: CostBody | null;
  lockTold: boolean;
  /** The newest `latency` event, of whichever epoch, and its time; null before the first. */
  latency: { told: LatencyBody; atMs: number } | null;
  /** Real cost of earlier epochs, decimal USD. */
  realCarriedUsd: number;
  closed: 'expiry' | 'presenter' | null;
  /** `seq` of the newest drill; 0 before the first. */
  drillSeq: number;
  /** Newest `incident` of each check in this epoch, by the check's name. */
  incidents: Record<string, Verdict>;
  /** The current guess; null when none was asked, it was dropped, or the epoch has ended. */
  guess: GuessFacts | null;
}

/** The hash before the first event. */
export const GENESIS = '0'.repeat(64);

/** The state before the first event. */
export function emptyFacts(): RoomFacts {
  return {
    opened: null,
    epoch: 1,
    seq: 0,
    head: GENESIS,
    mode: FIRST_LANE,
    step: 1,
    hold: null,
    distances: {},
    latency: null,
    realCarriedUsd: 0,
    closed: null,
    drillSeq: 0,
    ...freshEpoch([]),
  };
}

/** What an epoch begins with, on the lanes of its show. */
export function freshEpoch(lanes: readonly LaneId[]) {
  return {
    lanes: emptyLanes(lanes),
    guardrail: { tripped: false, by: null, atMs: null, crossed: false },
    cost: null,
    lockTold: false,
    incidents: {},
    guess: null,
  } satisfies Partial<RoomFacts>;
}

/** A show's lanes at the start of an epoch. */
export function emptyLanes(lanes: readonly LaneId[]): ByLane<LaneFacts> {
  return byLane(lanes, emptyLane);
}

/** The write of an op; null of an op that is not known, and on lanes without a lineage. */
export function writeBy({ byOp, lineage }: LaneFacts, op: string): Write | null {
  return lineage.writes[(byOp.get(op)?.version ?? 0) - 1] ?? null;
}

/** `max(0, acknowledged − capacity)` of a lane. */
export function oversellDelta(lane: LaneFacts, capacity: number): number {
  return Math.max(0, lane.acknowledged - capacity);
}

/** Units that were sold beyond the capacity, on all lanes. */
export function oversoldUnits({ lanes }: RoomFacts, capacity: number): number {
  return lanesIn(lanes).reduce((sum, [, lane]) => sum + oversellDelta(lane, capacity), 0);
}

/** The same if every lane that can oversell acknowledged so many units more. */
export function mostOversoldUnits({ lanes }: RoomFacts, capacity: number, more: number): number {
  return lanesIn(lanes).reduce(
    (sum, [id, { acknowledged }]) =>
      sum + (LANES[id].canOversell ? Math.max(0, acknowledged + more - capacity) : 0),
    0,
  );
}

function emptyLane(): LaneFacts {
  return {
    ...emptyTotals(),
    lostByLineage: 0,
    oversoldTold: 0,
    byOp: new Map(),
    byOwner: new Map(),
    promisedTo: new Map(),
    lineage: emptyLineage(),
  };
}
