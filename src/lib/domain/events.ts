/**
 * The events of a room: each change, told once, in order. State is what the reducer makes of them.
 * These are the shapes of the public contract and of the log; amounts are decimal USD, people stand by their label.
 */
import type { ErrorCode } from './codes.ts';
import type { NamedEngine } from './engines.ts';
import type { GuessQuestion } from './guess-questions.ts';
import type { ByLane, LaneId, Mode } from './lane.ts';
import type { LedgerTotals } from './ledger.ts';
import type { Meter, MeterCounts } from './prices.ts';
import type { Work } from './work.ts';
import type { TimedWrite } from './write.ts';

/** What is sold in a room. */
export interface Sku {
  id: string;
  name: string;
  /** Units that exist, per lane. */
  capacity: number;
  /** Decimal USD. */
  unitPrice: number;
}

/** The variables that decide results, as they stood when the room was opened. */
export interface RoomConfig {
  billingScale: number;
  /** Decimal USD. */
  demoCostLimit: number;
  virtualLoadFactor: number;
  /** Decimal USD. */
  virtualCostThreshold: number;
  guardrailAction: GuardrailAction;
  raceWindowMs: number;
}

/** `warn` lets allocations go on behind a tripped guardrail; `block` refuses them. */
export type GuardrailAction = 'warn' | 'block';

/** What made the guardrail change: the virtual cost itself, or the presenter's hand. */
export type GuardrailCause = 'threshold' | 'presenter';

/** The body of each kind of event. */
export interface EventBodies {
  opened: {
    room: string;
    show: string;
    sku: Sku;
    mode: Mode;
    step: number;
    lanes: readonly LaneId[];
    /** Of lanes whose engine is not the platform's own; missing where there is none. */
    engines?: ByLane<NamedEngine>;
    config: RoomConfig;
    /** Decimal USD for one of each meter, and the month the list was read. */
    prices: Record<Meter, number>;
    pricesReadOn: string;
  };
  mode: { mode: Mode; by: string };
  step: { step: number; by: string };
  /** From here on nothing new is taken; what is in flight settles. */
  held: { by: string };
  /** The GO of a held room: from `goAtMs` on (Unix milliseconds) ops are taken. */
  go: { by: string; goAtMs: number };
  /** From here on a lane's engine is that far away: milliseconds that the wire adds to each of its round trips. */
  distance: { lane: LaneId; ms: number; by: string };
  allocated: AllocatedBody;
  refused: { lane: LaneId; counts: Partial<Record<ErrorCode, number>> };
  lost: FateBody;
  restored: FateBody;
  /** Each time acknowledged units grow further beyond capacity; `by` is the op that did it. */
  oversold: { lane: LaneId; delta: number; by: string };
  cost: CostBody;
  latency: LatencyBody;
  guardrail: { state: 'tripped' | 'cleared'; by: GuardrailCause; virtualUsd: number };
  /** The real-spend lock refused a charge: what the room cost by then, what it is really billed, and the most it may be. */
  locked: { virtualUsd: number; realUsd: number; limitUsd: number };
  reset: { by: string; fromEpoch: number; toEpoch: number; realCarriedUsd: number };
  /**
   * An exercise: `drop` cuts every socket on purpose; `sleep` comes after a silence in which the room fell asleep, and says
   * how many lives it has had by now. `sockets` are those that were there.
   */
  drill: { kind: DrillKind; by: string; sockets: number; wakes: number };
  /** What clients measured of a drill, in the order in which they came back. `drill` is the `seq` of the drill. */
  recovered: { drill: number; clients: Recovery[] };
  /**
   * The room is asked for a figure before it is measured. `closed` tells how many answered, the answer in the middle (when
   * there is one) and how many fell into each bucket of `width` values; who answered what is told nowhere.
   */
  guess: GuessBody;
  /**
   * The room's own audit found that a check does not hold (`red`), or that it holds again (`green`): each at most once an
   * epoch. `check` is its name as the audit lists it.
   */
  incident: { check: string; state: Verdict; expected: string; found: string };
  closed: { by: 'expiry' | 'presenter' };
}

/**
 * The ledger, with the quantities behind it, so that anybody can multiply: all of the epoch, and those of them that taps
 * caused. Either both are told and `tapsUsd`, or none of the three (logs of older rooms).
 */
export interface CostBody extends LedgerTotals {
  meters?: MeterCounts;
  taps?: MeterCounts;
}

/** What phones measured so far, in the room's whole life, and the most phones that were there at once. */
export interface LatencyBody {
  lanes: ByLane<ToldHistogram>;
  phones: number;
}

/** A histogram as the log tells it: see histogram.ts. */
export interface ToldHistogram {
  n: number;
  /** Reports that were left out, because the room's own times contradict them. */
  left?: number;
  /** Index and count, in ascending order of the indices; no count is 0, and their sum is `n`. */
  buckets: readonly (readonly [index: number, count: number])[];
}

/** See {@link EventBodies.incident}. */
export type Verdict = 'red' | 'green';

/** See {@link EventBodies.guess}; the last four stand on `closed`. `by` is a label, `reset` or `end`. */
export interface GuessBody {
  state: 'opened' | 'closed' | 'dropped';
  by: string;
  question: GuessQuestion;
  /** The largest answer. */
  max: number;
  n?: number;
  median?: number;
  width?: number;
  counts?: readonly number[];
}

/** See {@link EventBodies.drill}. */
export type DrillKind = 'drop' | 'sleep';

/** What one client measured, on its own monotonic clock. */
export interface Recovery {
  who: string;
  /** From the cut to its first retry, milliseconds: retries are spread on purpose, so that a crowd does not come at once. */
  waitedMs: number;
  /** From its first retry until the room had greeted it; of a sleep, from asking until the answer, milliseconds. */
  ms: number;
  /** Events that it was not told. */
  missing: number;
}

/** One allocation. The lineage fields stand on lanes that have one, the fields of work where its lane knew what it took. */
export interface AllocatedBody extends Ordered, Partial<Omit<TimedWrite, keyof Ordered>>, Partial<Work> {
  lane: LaneId;
  sim?: true;
}

/** Which op it is, whose, and for how many units. */
type Ordered = Pick<TimedWrite, 'op' | 'who' | 'units'>;

/** An op that left the stored counter (`lost`), or came back into it (`restored`), and the write that did it. */
export interface FateBody extends Ordered {
  lane: LaneId;
  /** The op whose write did it, and its owner. */
  by: string;
  byWho: string;
  /** The version that this write read, and the one it made. */
  parentVersion: number;
  version: number;
  storedBefore: number;
  storedAfter: number;
}

/** The name of a kind of event. */
export type EventKind = keyof EventBodies;

/** A change that has not been numbered and chained yet. */
export type EventDraft = {
  [K in EventKind]: { kind: K; body: EventBodies[K] };
}[EventKind];

/** An event as the chain hashes it. */
export type UnhashedEvent = EventDraft & {
  /** Dense per room, grows over epochs. */
  seq: number;
  epoch: number;
  /** Unix milliseconds. Order is by `seq`, never by time. */
  atMs: number;
};

/** An event of the log. */
export type RoomEvent = UnhashedEvent & {
  /** Lower-case hex SHA-256 over the previous hash and this event (see log.ts). */
  hash: string;
};

/** An event of one kind. */
export type EventOf<K extends EventKind> = Extract<RoomEvent, { kind: K }>;
