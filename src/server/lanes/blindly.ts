/** What careless code does on any engine: it reads, pauses, and writes back what it had read plus the units sold. */
import { blindWrite, fits } from '#lib/domain/write.ts';
import type { Reading, TimedWrite } from '#lib/domain/write.ts';
import { steadyClock } from '#lib/room/steady-clock.ts';
import type { Buy } from './carry-out.ts';
import type { InventoryKey, Tally } from './engine-rows.ts';

/** An engine's two requests. */
export interface BlindRequests {
  /** Reads the shelf; null when the epoch is fenced or was never stocked. */
  read(key: InventoryKey, tally: Tally): Promise<Reading | null>;
  /**
   * Stores `wroteAllocated` whatever is stored by now, makes the next version, and stores the order row with it. Returns the version
   * made; null when the epoch was fenced meanwhile. Rejects for an op that has a row already, and changes nothing.
   */
  write(key: InventoryKey, write: Omit<TimedWrite, 'version'>, tally: Tally): Promise<number | null>;
}

/** @param pauseMs the race window: how long what was read is left alone before the write. */
export function blindly(pauseMs: number, requests: BlindRequests): Buy {
  return async (key, { buyer: { op, who, units } }, tally) => {
    const reading = await requests.read(key, tally);
    // A steady clock, so that a write is never before its reading when the wall clock is set.
    const clock = steadyClock(() => Date.now());
    const readAtMs = clock();
    if (!reading) return { kind: 'refused', code: 'STALE_EPOCH' };
    const { allocated, capacity, version: parentVersion } = reading;
    if (!fits(allocated, capacity, units)) return { kind: 'refused', code: 'OUT_OF_STOCK' };
    await scheduler.wait(pauseMs);
    const wroteAllocated = blindWrite(reading, units);
    const times = { readAtMs, wroteAtMs: clock() };
    const row = { op, who, units, parentVersion, readAllocated: allocated, wroteAllocated, ...times };
    const version = await requests.write(key, row, tally);
    if (version === null) return { kind: 'refused', code: 'STALE_EPOCH' };
    return { kind: 'written', row: { ...row, version } };
  };
}
