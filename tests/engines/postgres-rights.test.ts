/** The rights that docs/engines.md gives the Worker in somebody's PostgreSQL are enough for everything that a lane does. */
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { ENGINE_OF } from '#lib/domain/engines.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import { connectedEngines } from '#server/config.ts';
import { clientOf } from '#server/engines/clients.ts';
import { NO_ENGINES } from '#server/engines/engine-config.ts';
import { PostgresPool } from '#server/engines/postgres-pool.ts';
import { carryOut } from '#server/lanes/carry-out.ts';
import { newTally } from '#server/lanes/engine-rows.ts';
import DOCS from '../../docs/engines.md?raw';

const here = connectedEngines(env).postgres;
const LANES = LANE_IDS.filter((lane) => ENGINE_OF[lane] === 'postgres');

it.skipIf(!here)(
  'a role with a schema of its own and nothing else sells on every lane of PostgreSQL',
  async () => {
    const [, rights = ''] = /```sql\n([^]*?)```/.exec(DOCS) ?? [];
    const name = `least_${crypto.randomUUID().replaceAll('-', '')}`;
    const address = new URL(here!.url);
    await new PostgresPool(address.toString()).query(newTally(), [`CREATE DATABASE ${name}`]);
    address.pathname = `/${name}`;
    await new PostgresPool(address.toString()).query(newTally(), [rights.replaceAll('revenue_guard', name)]);
    [address.username, address.password] = [name, 'a long random one'];

    for (const lane of LANES) {
      const engines = { ...NO_ENGINES, postgres: { ...here!, ports: new Map(), url: address.toString() } };
      const client = (await clientOf(engines, { lane, distanceMs: 0 }))!;
      const key = { show: crypto.randomUUID(), sku: 'ticket', lane, epoch: 1 };
      await client.prepare?.();
      await client.rows.stock(key, 1, newTally());
      const order = (op: string) => ({
        ...key,
        distanceMs: 0,
        buyer: { op, who: 'somebody', units: 1, sim: false },
      });
      const sell = async (op: string, again: boolean) =>
        (await carryOut({ rows: client.rows, buy: client.buy(0) }, order(op), again)).outcome.kind;
      const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
      expect([await sell(first, false), await sell(first, true), await sell(second, true)]).toEqual([
        'written',
        'written',
        'refused',
      ]);
      await client.rows.fence(key, 1, newTally());
      await client.rows.dropVoid({ ...key, epoch: 2 }, second, newTally());
      expect(await client.rows.counter(key, newTally())).toEqual({ allocated: 1, version: 1 });
      expect(await client.rows.ordersAfter(key, 0, newTally())).toHaveLength(1);
      expect((await client.rows.rowsBehind(key, '', newTally())).rows).toHaveLength(1);
      await client.forget(key);
      expect(await client.rows.counter(key, newTally())).toBeNull();
    }
  },
);
