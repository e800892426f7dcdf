/**
 * A blind write: what a lane that does not compare versions reads before its pause, and what it stores afterwards, whatever
 * others wrote meanwhile. Every order of such a lane is one, in its events, in the database's rows and in pictures.
 */
import { assert } from './assert.ts';

/** What is read before the pause, in units. */
export interface Reading {
  allocated: number;
  capacity: number;
  version: number;
}

/** One op that was allocated by a blind write. */
export interface Write {
  op: string;
  who: string;
  units: number;
  /** Version it read; 0 is the untouched stock. */
  parentVersion: number;
  /** Version it made: dense from 1 in its epoch. */
  version: number;
  /** What it read of the counter, and what it stored there, in units. */
  readAllocated: number;
  wroteAllocated: number;
}

/** When a write read and wrote, on the clock of the Worker that carried it out, Unix milliseconds. */
export interface WriteTimes {
  readAtMs: number;
  wroteAtMs: number;
}

/** A write with its times. */
export type TimedWrite = Write & WriteTimes;

const LINEAGE = ['parentVersion', 'version', 'readAllocated', 'wroteAllocated'] as const;
/** What only a blind write has beside the op itself. */
export const WRITE_FIELDS = [
  ...LINEAGE,
  'readAtMs',
  'wroteAtMs',
] as const satisfies readonly (keyof TimedWrite)[];

/** True where it is said which version was read and which was made, and what was read and stored; the times may be missing. */
export function isWrite<T extends Partial<Write>>(of: T): of is T & Write {
  return LINEAGE.every((field) => of[field] !== undefined);
}

/** The write that an allocation was; null on lanes that do not read and write blindly. Throws on half a write. */
export function writeOf(body: Pick<Write, 'op' | 'who' | 'units'> & Partial<Write>): Write | null {
  if (body.parentVersion === undefined || body.version === undefined) return null;
  assert(isWrite(body), 'a write says what it read and wrote');
  const { op, who, units, parentVersion, version, readAllocated, wroteAllocated } = body;
  return { op, who, units, parentVersion, version, readAllocated, wroteAllocated };
}

/** True when all of the units are left. */
export function fits(allocated: number, capacity: number, units: number): boolean {
  return units <= capacity - allocated;
}

/**
 * What a blind write stores: the reading plus the op's units, whatever others wrote meanwhile. Two writes with the same
 * reading store the same number, and one of them is lost.
 */
export function blindWrite(reading: Reading, units: number): number {
  return reading.allocated + units;
}
