/**
 * redis-script: one Lua script checks, adds and remembers the op; nothing else runs on the server meanwhile. Exact as long as the
 * server keeps what it has confirmed: a replica that takes over may not have heard of the last of it (docs/engines.md).
 */
import { writtenBy } from '../engines/redis/rows.ts';
import type { RedisRows } from '../engines/redis/rows.ts';
import { SELL } from '../engines/redis/scripts.ts';
import type { Buy } from './carry-out.ts';

/** The lane's strategy. */
export function redisScript(rows: RedisRows): Buy {
  return async (key, { buyer: { op, who, units } }, tally) => {
    const nowMs = Date.now();
    const sale = JSON.stringify({ op, who, units, readAtMs: nowMs, wroteAtMs: nowMs });
    const row = writtenBy(await rows.run(SELL, key, sale, tally), op);
    if (row === 'stale') return { kind: 'refused', code: 'STALE_EPOCH' };
    if (row === 'none') return { kind: 'refused', code: 'OUT_OF_STOCK' };
    return { kind: 'written', row };
  };
}
