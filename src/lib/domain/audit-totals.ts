/**
 * The audit's own totals: every counter added up from the events by code that the room does not use, so that a mistake in the
 * reducer or in the lineage is found here, and the other way round.
 */
import type { EventBodies, EventKind, EventOf, RoomEvent } from './events.ts';
import { lanesIn } from './by-lane.ts';
import type { ByLane, LaneId, Mode } from './lane.ts';
import { FIRST_LANE, LANES } from './lanes.ts';
import type { LaneSpec } from './lanes.ts';
import { picoFromUsd } from './money.ts';
import type { PicoUsd } from './money.ts';
import { count } from './audit-findings.ts';
import type { Findings } from './audit-findings.ts';
import { enterWork, openWork } from './audit-work.ts';
import type { AuditedWork } from './audit-work.ts';
import { keyOfOp } from './op.ts';

/** Totals of one lane in the current epoch. */
export interface AuditedLane {
  acknowledged: number;
  /** What the lane's counter must be: the sum on a lane that adds, the newest write on a lane that writes blindly. */
  stored: number;
  ops: number;
  conflicts: number;
  refused: Map<string, number>;
  work: AuditedWork;
}

/** An op that was allocated. */
export interface Bought {
  seq: number;
  epoch: number;
  who: string;
  units: number;
  sim: boolean;
}

/** Totals of the events so far. */
export interface AuditTotals {
  opened: EventBodies['opened'] | null;
  epoch: number;
  resets: number;
  /** Number and hash of the newest event. */
  seq: number;
  head: string;
  mode: Mode;
  step: number;
  /** True from a trip until it is cleared, or a reset. */
  tripped: boolean;
  /** How far away engines were set, milliseconds. */
  distances: ByLane<number>;
  /** Of the show, in its order; of a log that is none, whichever its events are on. */
  lanes: ByLane<AuditedLane>;
  /** The event of each op ever allocated, by its name in lower case, over all epochs, and whose it was. */
  receipts: ByLane<Map<string, Bought>>;
}

/** The totals of an empty log. */
export function openTotals(): AuditTotals {
  return {
    opened: null,
    epoch: 1,
    resets: 0,
    seq: 0,
    head: '',
    mode: FIRST_LANE,
    step: 1,
    tripped: false,
    distances: {},
    lanes: {},
    receipts: {},
  };
}

/** Capacity of each lane; 0 before the opening event. */
export function capacityOf(totals: AuditTotals): number {
  return totals.opened?.sku.capacity ?? 0;
}

/** The totals of a lane; zeros where nothing happened on it. An event can be on a lane that its room does not have. */
export function totalsOf({ lanes }: AuditTotals, lane: LaneId): AuditedLane {
  return (lanes[lane] ??= {
    acknowledged: 0,
    stored: 0,
    ops: 0,
    conflicts: 0,
    refused: new Map(),
    work: openWork(),
  });
}

/** The sums of some lanes of the show. */
export function sumOf(
  { lanes }: AuditTotals,
  isOfThem: (lane: LaneSpec) => boolean,
): { acknowledged: number; stored: number } {
  const sum = { acknowledged: 0, stored: 0 };
  for (const [lane, { acknowledged, stored }] of lanesIn(lanes)) {
    if (!isOfThem(LANES[lane])) continue;
    sum.acknowledged += acknowledged;
    sum.stored += stored;
  }
  return sum;
}

/** `max(0, acknowledged − capacity)` of a lane. */
export function deltaOf(totals: AuditTotals, lane: LaneId): number {
  return Math.max(0, totalsOf(totals, lane).acknowledged - capacityOf(totals));
}

/** What the oversold units of all lanes come to, in pico-USD; nothing without an opening, which says the price. */
export function exposureOf(totals: AuditTotals): PicoUsd {
  const units = lanesIn(totals.lanes).reduce((sum, [lane]) => sum + deltaOf(totals, lane), 0);
  return BigInt(units) * picoFromUsd(totals.opened?.sku.unitPrice ?? 0);
}

/** What the parts of an audit share: the totals of the events so far, and where they report. */
export interface AuditContext {
  readonly totals: AuditTotals;
  /** Looked up by key each time: a look at a log that goes on puts back what stood here before it. */
  readonly findings: Findings;
}

/** A part of an audit: what it does with each kind of event that it looks at, in the order of the log. */
export type AuditPart = { readonly [K in EventKind]?: (event: EventOf<K>) => void } & {
  /** Takes every event, before what its kind asks for. */
  any?(event: RoomEvent): void;
  /** Reports what was owed by the events so far and was not told, and writes the figures down. More may come. */
  finish?(): void;
};

/** Members of an op that must be equal on all of its lanes. */
const SAME_ON_LANES = ['who', 'units', 'sim', 'epoch'] as const satisfies readonly (keyof Bought)[];

/** Adds events to the totals, and checks the order of epochs and that op ids are unique. */
export function totalsAuditor({ totals, findings }: AuditContext): AuditPart {
  const wrong = (what: string) => findings.epochs.wrong(what);
  return {
    any({ kind, seq, epoch }) {
      if (kind === 'opened') return;
      if (!totals.opened) wrong(`event ${seq} stands before the room was opened`);
      if (kind !== 'reset' && epoch !== totals.epoch) {
        wrong(`event ${seq} of epoch ${epoch} stands in epoch ${totals.epoch}`);
      }
    },
    opened({ seq, epoch, body }) {
      if (totals.opened) return wrong(`event ${seq} opens the room a second time`);
      if (epoch !== 1) wrong(`the room was opened in epoch ${epoch}, not 1`);
      Object.assign(totals, { opened: body, epoch, mode: body.mode, step: body.step });
      for (const lane of body.lanes) totalsOf(totals, lane);
    },
    reset({ seq, epoch, body: { fromEpoch, toEpoch } }) {
      if (fromEpoch !== totals.epoch || toEpoch !== totals.epoch + 1 || epoch !== toEpoch) {
        wrong(`event ${seq} resets ${fromEpoch} to ${toEpoch} in epoch ${totals.epoch}`);
      }
      Object.assign(totals, { epoch, resets: totals.resets + 1, tripped: false, lanes: {} });
      for (const lane of totals.opened?.lanes ?? []) totalsOf(totals, lane);
    },
    mode({ body }) {
      totals.mode = body.mode;
    },
    step({ body }) {
      totals.step = body.step;
    },
    guardrail({ body }) {
      totals.tripped = body.state === 'tripped';
    },
    distance({ body }) {
      totals.distances[body.lane] = body.ms;
    },
    allocated: (event) => enterAllocated(totals, event, findings),
    refused({ body }) {
      const { refused } = totalsOf(totals, body.lane);
      for (const [code, times] of Object.entries(body.counts)) {
        refused.set(code, (refused.get(code) ?? 0) + times);
      }
    },
    finish() {
      const ops = lanesIn(totals.receipts).reduce((sum, [, receipts]) => sum + receipts.size, 0);
      findings.epochs.figure = `${count(totals.resets + 1, 'epoch')}, ${count(totals.resets, 'reset')}`;
      findings.once.figure = `${count(ops, 'op')} over all lanes`;
    },
  };
}

function enterAllocated(totals: AuditTotals, event: EventOf<'allocated'>, findings: Findings): void {
  const { lane, op, who, units, sim = false, wroteAllocated } = event.body;
  const bought: Bought = { seq: event.seq, epoch: event.epoch, who, units, sim };
  const receipts = (totals.receipts[lane] ??= new Map());
  const key = keyOfOp(op);
  const earlier = receipts.get(key);
  if (!earlier) receipts.set(key, bought);
  else findings.once.wrong(`op ${op} on the ${lane} lane by events ${earlier.seq} and ${event.seq}`);
  for (const [other, its] of lanesIn(totals.receipts)) {
    const beside = other === lane ? undefined : its.get(key);
    const differs = beside && SAME_ON_LANES.find((field) => beside[field] !== bought[field]);
    if (differs) {
      findings.once.wrong(
        `op ${op}: ${differs} is ${bought[differs]} in event ${event.seq}, ${beside[differs]} in event ${beside.seq}`,
      );
    }
  }
  const counted = totalsOf(totals, lane);
  counted.ops += 1;
  counted.acknowledged += units;
  counted.stored = wroteAllocated ?? counted.stored + units;
  enterWork(counted.work, event.body);
}
