/**
 * redis-lock: SET NX PX takes a lock with a time to live, then the shelf is read, left alone and written, and the lock is deleted if
 * it is still its holder's own. The lock is all that protects the stock: the write compares nothing. So it is exact while no
 * holder outlives its lock; where the time to live is shorter than the pause, the next buyer reads what this one has not written
 * yet, and the lane oversells. (Shelf and order row are written by one script, as on every lane; it does not look at the stock.)
 */
import { lockOf } from '../engines/redis/keys.ts';
import { writtenBy } from '../engines/redis/rows.ts';
import type { RedisRows } from '../engines/redis/rows.ts';
import { OVERWRITE, RELEASE } from '../engines/redis/scripts.ts';
import { blindly } from './blindly.ts';
import { EngineBusy } from './carry-out.ts';
import type { Buy } from './carry-out.ts';
import { countRetry } from './engine-rows.ts';
import type { InventoryKey, Tally } from './engine-rows.ts';

/** Longest wait for the lock, milliseconds, as for a connection. */
const LOCKED_WITHIN_MS = 20_000;
/** Pauses between two tries, milliseconds: sixty buyers who ask every 100 ms find a free lock within 2 ms. */
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 150;

/**
 * @param pauseMs the race window: how long what was read is left alone before the write.
 * @param ttlMs after which the server gives up a lock by itself
 */
export function redisLock(rows: RedisRows, pauseMs: number, ttlMs: number): Buy {
  return async (key, order, tally) => {
    let unheard = false;
    const buy = blindly(pauseMs, {
      read: () => rows.read(key, tally),
      async write(_key, write) {
        unheard = true;
        const said = await rows.run(OVERWRITE, key, JSON.stringify(write), tally);
        unheard = false;
        const row = writtenBy(said, write.op);
        return row === 'stale' || row === 'none' ? null : row.version;
      },
    });
    const token = await locked(rows, key, ttlMs, tally);
    try {
      return await buy(key, order, tally);
    } finally {
      // Where the write was not heard of, the lock is left to its time to live: the write may still be on its way.
      if (!unheard) await release(rows, key, token, tally);
    }
  };
}

/** Takes the lock: its token. */
async function locked(rows: RedisRows, key: InventoryKey, ttlMs: number, tally: Tally): Promise<string> {
  const token = crypto.randomUUID();
  const until = Date.now() + LOCKED_WITHIN_MS;
  for (;;) {
    const taken = await rows.redis.send(tally, 'SET', lockOf(key), token, 'NX', 'PX', ttlMs);
    if (taken === 'OK') return token;
    if (Date.now() > until) throw new EngineBusy('the lock was never free');
    countRetry(tally, 'lock');
    await scheduler.wait(SHORTEST_PAUSE_MS + (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS) * Math.random());
  }
}

/** Deletes the lock if it is still its holder's. What was bought stands whether or not that succeeds: its time to live ends it. */
async function release(rows: RedisRows, key: InventoryKey, token: string, tally: Tally): Promise<void> {
  await rows.redis.send(tally, 'EVAL', RELEASE, 1, lockOf(key), token).catch(() => null);
}
