/**
 * The work of an op on its engine: how often it was tried, why again, and how many times the wire was crossed for it. Lanes
 * report it where they know it, the log tells it with the allocation, and it is added up for each lane.
 */
import { nearestRank } from './percentile.ts';

/**
 * Why an op was tried again: PostgreSQL's 40001; a transaction that met another one (DynamoDB's TransactionConflict, Firestore's
 * ABORTED or failed precondition); a lock that somebody held; a connection that failed, or an engine without capacity just then.
 */
export const RETRY_CAUSES = ['serialization', 'conflict', 'lock', 'connection'] as const;
/** One of {@link RETRY_CAUSES}. */
export type RetryCause = (typeof RETRY_CAUSES)[number];
/** How often something was tried again, by cause; each of them once at least. */
export type Retries = Partial<Record<RetryCause, number>>;

/** What one op took. */
export interface Work {
  /** How often it was tried, 1 or more. Each retry is an attempt more, so all retries are fewer than the attempts. */
  attempts: number;
  /** How often its statements crossed the wire and were answered, 1 or more, those of all attempts together. */
  roundTrips: number;
  /** Missing where it was done at the first attempt. */
  retries?: Retries;
}

/** What some ops took together. */
export interface WorkTotals {
  attempts: number;
  retries: Retries;
  /** Ops by the number of their round trips. */
  trips: Map<number, number>;
}

/** The figures of a lane that follow from its ops' work. */
export interface WorkFigures {
  /** Ops that told it: of an outcome that had to be looked up nobody knows it. */
  worked: number;
  /** Their attempts together, and their retries by cause. */
  attempts: number;
  retries: Retries;
  /** Round trips of one of them: the median. */
  roundTrips: number;
}

/** Adds the work of one op to what others took, in place; begins with the first. */
export function addWork(totals: WorkTotals | null, { attempts, roundTrips, retries }: Work): WorkTotals {
  const sum = totals ?? { attempts: 0, retries: {}, trips: new Map<number, number>() };
  sum.attempts += attempts;
  sum.trips.set(roundTrips, (sum.trips.get(roundTrips) ?? 0) + 1);
  for (const cause of RETRY_CAUSES) {
    const times = retries?.[cause];
    if (times) sum.retries[cause] = (sum.retries[cause] ?? 0) + times;
  }
  return sum;
}

/** The figures of a lane. */
export function workFigures({ attempts, retries, trips }: WorkTotals): WorkFigures {
  return { worked: opsIn(trips), attempts, retries: { ...retries }, roundTrips: medianOf(trips) };
}

/** The work that an allocation tells; null where it tells none. */
export function workOf({ attempts, roundTrips, retries }: Partial<Work>): Work | null {
  if (attempts === undefined || roundTrips === undefined) return null;
  return { attempts, roundTrips, ...(retries ? { retries } : {}) };
}

/** The value in the middle, by the nearest rank; 0 of none. */
function medianOf(trips: ReadonlyMap<number, number>): number {
  let left = nearestRank(opsIn(trips), 0.5);
  for (const [value, times] of [...trips].sort(([one], [other]) => one - other)) {
    left -= times;
    if (left <= 0) return value;
  }
  return 0;
}

function opsIn(trips: ReadonlyMap<number, number>): number {
  return [...trips.values()].reduce((sum, times) => sum + times, 0);
}
