/**
 * Refusals are told as counts, some time after they were spoken, but what they say of the room can be held against it: a
 * lane that was sold out had less than any op may ask for, a guardrail that blocked had tripped, a lock that refused was told.
 */
import { totalsOf, capacityOf } from './audit-totals.ts';
import type { AuditContext, AuditPart } from './audit-totals.ts';
import { count } from './audit-findings.ts';
import type { Place } from './audit-findings.ts';
import { MAX_UNITS } from './bounds.ts';
import type { LaneId } from './lane.ts';
import { LANES } from './lanes.ts';

/** Totals of one lane in the current epoch. */
interface LaneStock {
  /** The fewest units that an op can have found free, in this epoch and at the end of the one before. */
  left: number;
  leftBefore: number;
  /** Counts may wait for the first commit of the next epoch: the first that are told of a lane may be of the one before. */
  first: boolean;
  /** The first that said “sold out” while nothing yet told shows why: its writes may be reported later, in this epoch. */
  open: { seq: number; place: Place } | null;
}

/** Checks that every told refusal can have had its reason. */
export function refusalsAuditor({ totals, findings }: AuditContext): AuditPart {
  const lanes = new Map<LaneId, LaneStock>();
  let tripped = false;
  let locked = false;
  let told = 0;
  const stockOf = (lane: LaneId): LaneStock => {
    const capacity = capacityOf(totals);
    const stock = lanes.get(lane) ?? { left: capacity, leftBefore: capacity, first: true, open: null };
    lanes.set(lane, stock);
    return stock;
  };
  const wrong = (seq: number, what: string) => findings.refusals.wrong(`event ${seq}: ${what}`);
  return {
    guardrail({ body }) {
      if (body.state === 'tripped') tripped = true;
    },
    locked() {
      locked = true;
    },
    allocated({ body }) {
      const stock = stockOf(body.lane);
      const taken = body.wroteAllocated ?? totalsOf(totals, body.lane).acknowledged;
      stock.left = Math.min(stock.left, capacityOf(totals) - taken);
      if (stock.left < MAX_UNITS) stock.open = null;
    },
    refused({ seq, body: { lane, counts } }) {
      for (const times of Object.values(counts)) told += times;
      const stock = stockOf(lane);
      const left = stock.first ? Math.min(stock.left, stock.leftBefore) : stock.left;
      stock.first = false;
      if (counts.OUT_OF_STOCK && left >= MAX_UNITS) {
        // A lane of the room is read where it is told. What others read may be told later, but before the next epoch.
        if (LANES[lane].answers === 'later') stock.open ??= { seq, place: findings.refusals.here() };
        else wrong(seq, `sold out with ${left} of ${capacityOf(totals)} left`);
      }
      if (counts.GUARDRAIL_BLOCKED && !(tripped && totals.opened?.config.guardrailAction === 'block')) {
        wrong(seq, `blocked by a guardrail that ${tripped ? 'warns' : 'never tripped'}`);
      }
      if (counts.REAL_BUDGET_EXCEEDED && !locked) wrong(seq, 'refused by a lock that no event told of');
    },
    reset() {
      for (const [lane, { left, open }] of lanes) {
        if (open) {
          const what = `event ${open.seq}: sold out, and no write left fewer than ${left} units`;
          findings.refusals.wrong(what, open.place);
        }
        lanes.set(lane, { left: capacityOf(totals), leftBefore: left, first: true, open: null });
      }
    },
    finish() {
      findings.refusals.figure = count(told, 'refusal');
    },
  };
}
