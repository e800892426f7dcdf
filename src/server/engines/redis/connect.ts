/** Redis as a lane uses it. */
import { assert } from '#lib/domain/assert.ts';
import { newTally } from '../../lanes/engine-rows.ts';
import { redisLock } from '../../lanes/redis-lock.ts';
import { redisScript } from '../../lanes/redis-script.ts';
import { EngineDown } from '../back-off.ts';
import type { Connect } from '../engine-client.ts';
import { addressAt } from '../engine-config.ts';
import { Slots } from '../slots.ts';
import { RedisConnection } from './connection.ts';
import { keysOf } from './keys.ts';
import { RedisRefusal } from './resp.ts';
import { RedisRows } from './rows.ts';
import { WireDown } from './wire.ts';

/**
 * Purchases at once on the lane's one connection: those behind them wait for a turn, or are told that Redis is busy. A buyer is
 * counted and not a command, so that one who holds a lock can always give it back.
 */
const MOST_BUYERS = 32;

/** The client of Redis, or of what speaks its protocol. */
export const connectRedis: Connect<'redis'> = (config, { lane, distanceMs }) => {
  assert(lane === 'redis-lock' || lane === 'redis-script', 'a lane of Redis');
  const rows = new RedisRows(new RedisConnection(addressAt(config.url, config, distanceMs)));
  const slots = new Slots(MOST_BUYERS);
  const strategyWith = (pauseMs: number) =>
    lane === 'redis-lock' ? redisLock(rows, pauseMs, config.lockTtlMs) : redisScript(rows);
  return {
    rows,
    buy: (pauseMs) => {
      const buy = strategyWith(pauseMs);
      return (...asked) => slots.use(() => buy(...asked));
    },
    forget: (key) => rows.forget(key, newTally()),
    async ping() {
      // Not PING: whether the user may read the lanes' keys is what is asked.
      const [shelves] = keysOf({ show: '-', sku: '-', lane });
      await rows.redis.send(newTally(), 'HMGET', shelves, '-');
    },
    problemOf,
  };
};

/** What Redis answers with, by the first word of it, as people can read it. */
const REFUSALS: Readonly<Record<string, string>> = {
  WRONGPASS: 'Redis does not accept user or password (REDIS_URL).',
  NOAUTH: 'Redis does not accept user or password (REDIS_URL).',
  NOPERM: 'The user of Redis may not do what the lane needs (docs/engines.md).',
  OOM: 'The memory of Redis is full.',
  MISCONF: 'Redis cannot store to its disk, and takes nothing more.',
  READONLY: 'Redis has become a replica, which takes no writes.',
  LOADING: 'Redis is loading what it has stored.',
  MOVED: 'This is a node of a cluster; the address has to be that of the node with the keys.',
  CLUSTERDOWN: 'The cluster of Redis is down.',
};

const UNREACHED = 'Redis does not answer at the address of REDIS_URL, or not with the TLS that it asks for.';

function problemOf(error: unknown): string | null {
  const reason = error instanceof EngineDown ? error.cause : error;
  if (reason instanceof RedisRefusal) return REFUSALS[reason.kind] ?? 'Redis refuses what it is asked.';
  return reason instanceof WireDown ? UNREACHED : null;
}
