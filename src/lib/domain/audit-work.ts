/**
 * The audit's own account of what ops took on their engines: what one may tell of it, and what those of a lane come to. It
 * shares no counting with work.ts.
 */
import type { Work, WorkFigures } from './work.ts';

/** What the ops of a lane have told in the current epoch. */
export interface AuditedWork {
  attempts: number;
  /** By cause. */
  retries: Map<string, number>;
  /** Ops by the number of their round trips. */
  trips: Map<number, number>;
}

/** Nothing was told. */
export function openWork(): AuditedWork {
  return { attempts: 0, retries: new Map(), trips: new Map() };
}

/** True when an allocation tells all of its work or none, and each retry is an attempt more. */
export function tellsWork({ attempts, roundTrips, retries = {} }: Partial<Work>): boolean {
  const tried = Object.values(retries).reduce((sum, times) => sum + times, 0);
  if (attempts === undefined || roundTrips === undefined) return attempts === roundTrips && tried === 0;
  return tried < attempts;
}

/** Adds what an allocation tells, in place. */
export function enterWork(sum: AuditedWork, { attempts, roundTrips, retries = {} }: Partial<Work>): void {
  if (attempts === undefined || roundTrips === undefined) return;
  sum.attempts += attempts;
  sum.trips.set(roundTrips, (sum.trips.get(roundTrips) ?? 0) + 1);
  for (const [cause, times] of Object.entries(retries)) {
    sum.retries.set(cause, (sum.retries.get(cause) ?? 0) + times);
  }
}

/** What a lane's ops come to, by the names of the figures. */
export function recountedWork({ attempts, retries, trips }: AuditedWork): Map<string, number> {
  let worked = 0;
  for (const times of trips.values()) worked += times;
  const roundTrips = middleOf(trips, worked);
  return namedWork({ worked, attempts, roundTrips, retries: Object.fromEntries(retries) });
}

/** The same of what somebody shows; what is not shown is 0. */
export function namedWork(shown: Partial<WorkFigures>): Map<string, number> {
  const { worked = 0, attempts = 0, roundTrips = 0, retries = {} } = shown;
  const named = new Map([
    ['ops that told', worked],
    ['attempts', attempts],
    ['round trips', roundTrips],
  ]);
  for (const [cause, times] of Object.entries(retries)) named.set(`retries (${cause})`, times);
  return named;
}

/** The lower middle of `all` values that came so many times each; 0 where none did. */
function middleOf(trips: ReadonlyMap<number, number>, all: number): number {
  let below = 0;
  for (const value of [...trips.keys()].sort((a, b) => a - b)) {
    below += trips.get(value) ?? 0;
    if (2 * below >= all) return value;
  }
  return 0;
}
