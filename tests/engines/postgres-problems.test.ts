/** PostgreSQL that is set up wrongly or misses its tables: the lane says so in words, sells nothing, and goes on once it is mended. */
import { describe, expect, it } from 'vitest';
import { NO_ENGINES } from '#server/engines/engine-config.ts';
import { clientOf } from '#server/engines/clients.ts';
import type { EngineClient } from '#server/engines/engine-client.ts';
import { PostgresPool } from '#server/engines/postgres-pool.ts';
import { carryOut } from '#server/lanes/carry-out.ts';
import { newTally } from '#server/lanes/engine-rows.ts';
import type { InventoryKey } from '#server/lanes/engine-rows.ts';
import { ENGINES_HERE } from './support/connected.ts';

const LANE = 'postgres-conditional';
const HERE = ENGINES_HERE.postgres?.url ?? '';

/** A client of the lane at another address than the right one. */
async function clientAt(change: (url: URL) => void): Promise<EngineClient> {
  const url = new URL(HERE);
  change(url);
  const postgres = { label: 'YOUR ENDPOINT', ports: new Map(), url: url.toString() } as const;
  return (await clientOf({ ...NO_ENGINES, postgres }, { lane: LANE, distanceMs: 0 }))!;
}

const problemOf = (client: EngineClient) =>
  client.ping().then(
    () => null,
    (error: unknown) => client.problemOf(error),
  );

function orderIn(key: InventoryKey) {
  const { show, sku, epoch } = key;
  const buyer = { op: crypto.randomUUID(), who: 'somebody', units: 1, sim: false };
  return { lane: LANE, show, sku, epoch, buyer, distanceMs: 0 } as const;
}

describe.skipIf(HERE === '')('PostgreSQL', () => {
  it.each<[what: string, change: (url: URL) => void, word: string]>([
    ['with another password', (url) => (url.password = 'wrong'), 'password'],
    ['with another user', (url) => (url.username = 'nobody_at_all'), 'password'],
    ['with a database that is not there', (url) => (url.pathname = '/nowhere'), 'database'],
    ['on a port where nobody listens', (url) => (url.port = '1'), 'does not answer'],
    ['that has no TLS where TLS is asked for', (url) => url.searchParams.set('sslmode', 'require'), 'TLS'],
  ])('%s is a sentence without a secret', async (_what, change, word) => {
    const client = await clientAt(change);
    const problem = await problemOf(client);
    expect(problem).toContain(word);
    expect(problem).not.toContain(new URL(HERE).password);
    const key = { show: crypto.randomUUID(), sku: 'ticket', lane: LANE, epoch: 1 };
    const { outcome } = await carryOut({ rows: client.rows, buy: client.buy(0) }, orderIn(key), false);
    expect(outcome).toEqual({ kind: 'unknown' });
  });

  it('without its tables sells nothing; they are made when a show is opened, and what was pending is settled', async () => {
    const name = `empty_${crypto.randomUUID().replaceAll('-', '')}`;
    const admin = new PostgresPool(HERE);
    await admin.query(newTally(), [`CREATE DATABASE ${name}`]);
    const client = await clientAt((url) => (url.pathname = `/${name}`));
    expect(await problemOf(client)).toContain('tables');
    const key = { show: crypto.randomUUID(), sku: 'ticket', lane: LANE, epoch: 1 };
    const order = orderIn(key);
    const sell = (again: boolean) => carryOut({ rows: client.rows, buy: client.buy(0) }, order, again);
    expect((await sell(false)).outcome).toEqual({ kind: 'unknown' });
    // Lanes of shows that are opened at the same moment make them once.
    await Promise.all([1, 2, 3].map(async () => client.prepare?.()));
    await client.rows.stock(key, 5, newTally());
    expect((await sell(true)).outcome).toMatchObject({ kind: 'written', write: { version: 1 } });
    expect(await problemOf(client)).toBeNull();
  });
});
