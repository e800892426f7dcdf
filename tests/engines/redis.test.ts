/** What is particular to Redis' lanes: the lock and its time to live, the connection and its end, rights, and the protocol. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { LaneId } from '#lib/domain/lane.ts';
import { connectedEngines } from '#server/config.ts';
import { clientOf } from '#server/engines/clients.ts';
import { NO_ENGINES } from '#server/engines/engine-config.ts';
import type { EngineClient } from '#server/engines/engine-client.ts';
import { RedisConnection } from '#server/engines/redis/connection.ts';
import { lockOf } from '#server/engines/redis/keys.ts';
import { commandBytes, RedisRefusal, ReplyReader } from '#server/engines/redis/resp.ts';
import type { RedisRows } from '#server/engines/redis/rows.ts';
import { carryOut } from '#server/lanes/carry-out.ts';
import { newTally } from '#server/lanes/engine-rows.ts';
import type { InventoryKey } from '#server/lanes/engine-rows.ts';
import DOCS from '../../docs/engines.md?raw';

const HERE = connectedEngines(env).redis;
const LONG_MS = 10_000;

/** A lane's client; the time to live of its lock and the address can be others. */
async function connected(lane: LaneId, lockTtlMs = LONG_MS, url = HERE?.url ?? ''): Promise<EngineClient> {
  const redis = { ...HERE!, url, ports: new Map<number, number>(), lockTtlMs };
  return (await clientOf({ ...NO_ENGINES, redis }, { lane, distanceMs: 0 }))!;
}

/** The same address, changed. */
function addressWith(change: (url: URL) => void): string {
  const url = new URL(HERE!.url);
  change(url);
  return url.toString();
}

async function stocked(client: EngineClient, lane: LaneId, capacity: number): Promise<InventoryKey> {
  const key = { show: crypto.randomUUID(), sku: 'ticket', lane, epoch: 1 };
  await client.rows.stock(key, capacity, newTally());
  return key;
}

function orderIn({ show, sku, lane, epoch }: InventoryKey, op: string = crypto.randomUUID()) {
  const buyer = { op, who: 'somebody', units: 1, sim: false };
  return { lane: lane as LaneId, show, sku, epoch, distanceMs: 0, buyer };
}

const sell = (client: EngineClient, order: ReturnType<typeof orderIn>, { pauseMs = 5, again = false } = {}) =>
  carryOut({ rows: client.rows, buy: client.buy(pauseMs) }, order, again);

const problemOf = (client: EngineClient) =>
  client.ping().then(
    () => null,
    (error: unknown) => client.problemOf(error),
  );

/** The connection of a client's rows. */
const wireOf = (client: EngineClient) => (client.rows as RedisRows).redis;

describe.skipIf(!HERE)('redis-lock', () => {
  it('is exact while its lock outlives the pause, and oversells where it does not', async () => {
    const sold: [written: number, allocated: number][] = [];
    for (const [ttlMs, pauseMs] of [
      [LONG_MS, 10],
      [20, 60],
    ] as const) {
      const client = await connected('redis-lock', ttlMs);
      const key = await stocked(client, 'redis-lock', 10);
      const reports = await atOnce(20, () => sell(client, orderIn(key), { pauseMs }));
      const written = reports.filter(({ outcome }) => outcome.kind === 'written');
      // Those that waited tell how often they asked.
      expect(written.some(({ work }) => (work?.retries?.lock ?? 0) > 0)).toBe(true);
      const counter = await client.rows.counter(key, newTally());
      expect(counter?.version).toBe(written.length);
      sold.push([written.length, counter!.allocated]);
    }
    const [exact, oversold] = sold;
    expect(exact).toEqual([10, 10]);
    expect(oversold![0]).toBeGreaterThan(10);
    expect(oversold![1]).toBeLessThan(oversold![0]);
  });

  it('never deletes the lock of another, into whose hands it fell when its time was over', async () => {
    const client = await connected('redis-lock', 100);
    const key = await stocked(client, 'redis-lock', 10);
    const redis = wireOf(client);
    const holder = () => redis.send(newTally(), 'GET', lockOf(key));
    const outlived = sell(client, orderIn(key), { pauseMs: 400 });
    while ((await holder()) === null);
    const others = 'of another';
    // Granted when the first one's time is over.
    while ((await redis.send(newTally(), 'SET', lockOf(key), others, 'NX', 'PX', LONG_MS)) !== 'OK');
    expect((await outlived).outcome.kind).toBe('written');
    expect(await holder()).toBe(others);
  });

  it('gives its lock back after a sale and after a refusal', async () => {
    const client = await connected('redis-lock');
    const key = await stocked(client, 'redis-lock', 1);
    for (const kind of ['written', 'refused']) {
      expect((await sell(client, orderIn(key))).outcome.kind).toBe(kind);
      expect(await wireOf(client).send(newTally(), 'GET', lockOf(key))).toBeNull();
    }
  });

  it('takes four round trips for a sale that nobody is in the way of', async () => {
    const client = await connected('redis-lock');
    const key = await stocked(client, 'redis-lock', 1);
    expect((await sell(client, orderIn(key))).work).toEqual({ attempts: 1, roundTrips: 4 });
  });
});

describe.skipIf(!HERE)('Redis', () => {
  it('whose connections are cut while 64 orders are under way, ten times, sells each of them once', async () => {
    const client = await connected('redis-script');
    const key = await stocked(client, 'redis-script', 10_000);
    const admin = new RedisConnection(HERE!.url);
    let unknown = 0;
    for (let turn = 0; turn < 10; turn++) {
      const id = Number(await wireOf(client).send(newTally(), 'CLIENT', 'ID'));
      const orders = Array.from({ length: 64 }, () => orderIn(key));
      const sent = orders.map((order) => sell(client, order));
      await Promise.race(sent);
      await admin.send(newTally(), 'CLIENT', 'KILL', 'ID', id);
      const reports = await Promise.all(sent);
      unknown += reports.filter(({ outcome }) => outcome.kind === 'unknown').length;
      for (const order of orders) expect(await settled(client, order)).toBe('written');
    }
    expect(unknown).toBeGreaterThan(0);
    expect(await client.rows.counter(key, newTally())).toEqual({ allocated: 640, version: 640 });
  });

  it.each<[what: string, change: (url: URL) => void, word: string]>([
    ['with another password', (url) => (url.password = 'wrong'), 'password'],
    ['with another user', (url) => (url.username = 'nobody_at_all'), 'password'],
    ['with no password', (url) => (url.password = ''), 'password'],
    ['on a port where nobody listens', (url) => (url.port = '1'), 'does not answer'],
    [
      'that has no TLS where TLS is asked for',
      (url) => (url.href = url.href.replace('redis:', 'rediss:')),
      'TLS',
    ],
  ])('%s is a sentence without a secret, and its orders are pending', async (_what, change, word) => {
    const client = await connected('redis-script', LONG_MS, addressWith(change));
    const problem = await problemOf(client);
    expect(problem).toContain(word);
    expect(problem).not.toContain(new URL(HERE!.url).password);
    const key = { show: crypto.randomUUID(), sku: 'ticket', lane: 'redis-script', epoch: 1 };
    expect((await sell(client, orderIn(key))).outcome).toEqual({ kind: 'unknown' });
  });

  it('needs no more rights than its page says, and names it when one is missing', async () => {
    const [, rights = ''] = /ACL SETUSER revenue_guard on >\S+ (.+)/.exec(DOCS) ?? [];
    expect(rights).toContain('+eval');
    const admin = new RedisConnection(HERE!.url);
    const user = `least_${crypto.randomUUID()}`;
    const grant = (...rules: string[]) => admin.send(newTally(), 'ACL', 'SETUSER', user, ...rules);
    await grant('on', '>a-password', ...rights.split(' '));
    const address = addressWith((url) => {
      url.username = user;
      url.password = 'a-password';
    });
    for (const lane of ['redis-lock', 'redis-script'] as const) {
      const client = await connected(lane, LONG_MS, address);
      expect(await problemOf(client)).toBeNull();
      const key = await stocked(client, lane, 1);
      const order = orderIn(key);
      expect((await sell(client, order)).outcome.kind).toBe('written');
      expect((await sell(client, order, { again: true })).outcome.kind).toBe('written');
      const refused = orderIn(key);
      expect((await sell(client, refused, { again: true })).outcome.kind).toBe('refused');
      await client.rows.fence(key, 1, newTally());
      await client.rows.dropVoid({ ...key, epoch: 2 }, refused.buyer.op, newTally());
      expect(await client.rows.ordersAfter(key, 0, newTally())).toHaveLength(1);
      expect((await client.rows.rowsBehind(key, '', newTally())).rows).toHaveLength(1);
      await client.forget(key);
    }
    const client = await connected('redis-script', LONG_MS, address);
    await grant('-hmget');
    expect(await problemOf(client)).toContain('may not do');
    await admin.send(newTally(), 'ACL', 'DELUSER', user);
  });
});

describe('the protocol of Redis', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const TOLD =
    '+OK\r\n:-7\r\n$5\r\nÄä\n\r\n$-1\r\n$0\r\n\r\n*-1\r\n*0\r\n*3\r\n$1\r\na\r\n:1\r\n*1\r\n$-1\r\n-WRONGTYPE it is\r\n';
  const MEANT = ['OK', -7, 'Ää\n', null, '', null, [], ['a', 1, [null]], new RedisRefusal('WRONGTYPE it is')];

  it('is understood wherever its bytes are torn', () => {
    const all = bytes(TOLD);
    for (let tear = 0; tear <= all.length; tear++) {
      const reader = new ReplyReader();
      expect([...reader.take(all.slice(0, tear)), ...reader.take(all.slice(tear))]).toEqual(MEANT);
    }
    const reader = new ReplyReader();
    expect([...all].flatMap((byte) => reader.take(new Uint8Array([byte])))).toEqual(MEANT);
  });

  it('says lengths in bytes', () => {
    expect(new TextDecoder().decode(commandBytes(['SET', 'ä', 12]))).toBe(
      '*3\r\n$3\r\nSET\r\n$2\r\nä\r\n$2\r\n12\r\n',
    );
  });

  it('is not taken from something that speaks another', () => {
    expect(() => new ReplyReader().take(bytes('HTTP/1.1 400 Bad Request\r\n\r\n'))).toThrow(
      'protocol of Redis',
    );
  });
});

/** Asks again until the outcome is known, as a room does. */
async function settled(client: EngineClient, order: ReturnType<typeof orderIn>): Promise<string> {
  for (;;) {
    const { outcome } = await sell(client, order, { again: true });
    if (outcome.kind !== 'unknown') return outcome.kind;
    await scheduler.wait(20);
  }
}

/** Something so many times at once. */
function atOnce<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, work));
}
