/**
 * What is particular to Firestore's lane, on a stand-in that keeps its documented contract (machine/support/firestore.ts): commits
 * that came second, answers that are lost, the key. No real Firestore has been asked.
 */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { connectedEngines } from '#server/config.ts';
import { clientOf } from '#server/engines/clients.ts';
import { NO_ENGINES } from '#server/engines/engine-config.ts';
import type { EngineClient } from '#server/engines/engine-client.ts';
import { carryOut } from '#server/lanes/carry-out.ts';
import { newTally } from '#server/lanes/engine-rows.ts';

const LANE = 'firestore-transaction';
const HERE = connectedEngines(env).firestore!;
const FAULTS = `${HERE.endpoint}/v1/faults:fault`;

async function connected(change: object = {}): Promise<EngineClient> {
  return (await clientOf(
    { ...NO_ENGINES, firestore: { ...HERE, ...change } },
    { lane: LANE, distanceMs: 0 },
  ))!;
}

/** A room of its own, so that faults of a show meet nobody else's commits. */
async function stocked(capacity: number) {
  const client = await connected();
  const show = crypto.randomUUID();
  const key = { show, sku: 'ticket', lane: LANE, epoch: 1 } as const;
  await client.rows.stock(key, capacity, newTally());
  const order = () => {
    const buyer = { op: crypto.randomUUID(), who: 'somebody', units: 1, sim: false };
    return { ...key, distanceMs: 0, buyer };
  };
  const sell = (of = order(), again = false) =>
    carryOut({ rows: client.rows, buy: client.buy(0) }, of, again);
  const faults = (...next: string[]) =>
    fetch(FAULTS, { method: 'POST', body: JSON.stringify({ show, next }) });
  return { client, key, order, sell, faults };
}

describe('firestore-transaction', () => {
  it('sells to a crowd exactly once: commits that came second are tried again, and counted', async () => {
    const { client, key, sell } = await stocked(10);
    const reports = await atOnce(30, () => sell());
    const written = reports.filter(({ outcome }) => outcome.kind === 'written');
    expect(written).toHaveLength(10);
    expect(await client.rows.counter(key, newTally())).toEqual({ allocated: 10, version: 10 });
    const conflicts = written.map(({ work }) => work?.retries?.conflict ?? 0);
    expect(Math.max(...conflicts)).toBeGreaterThan(0);
    for (const [at, { work }] of written.entries()) {
      expect([work?.attempts, work?.roundTrips]).toEqual([1 + conflicts[at]!, 2 + 2 * conflicts[at]!]);
    }
  });

  it('is tried again when it is aborted', async () => {
    const { sell, faults } = await stocked(10);
    await faults('ABORTED', 'ABORTED');
    expect(await sell()).toMatchObject({
      outcome: { kind: 'written', write: { version: 1 } },
      work: { attempts: 3, retries: { conflict: 2 } },
    });
  });

  it.each(['lost', 'UNAVAILABLE'])(
    'is settled by its rows when a commit is answered with: %s',
    async (fault) => {
      const { client, key, order, sell, faults } = await stocked(10);
      const one = order();
      await faults(fault);
      await sell(one);
      // A failed connection leaves the engine alone for a moment.
      await scheduler.wait(300);
      expect((await sell(one, true)).outcome).toMatchObject({ kind: 'written', write: { version: 1 } });
      expect(await client.rows.counter(key, newTally())).toEqual({ allocated: 1, version: 1 });
    },
  );
});

it.each<[what: string, change: object, word: string]>([
  ['with the key of somebody else', { key: otherKey(HERE.key) }, 'does not accept the key'],
  ['with something that is no key', { key: '{}' }, 'FIRESTORE_KEY'],
  ['where nobody listens', { endpoint: 'http://127.0.0.1:1' }, 'cannot be reached'],
])('Firestore %s is a sentence without a secret', async (_what, change, word) => {
  const client = await connected(change);
  const problem = await client.ping().then(
    () => null,
    (error: unknown) => client.problemOf(error),
  );
  expect(problem).toContain(word);
});

/** The same account with a key of its own making: a token by it is one that Google's key does not verify. */
function otherKey(key: string): string {
  const account = JSON.parse(key) as { private_key: string; other_key: string };
  return JSON.stringify({ ...account, private_key: account.other_key });
}

/** Something so many times at once. */
function atOnce<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, work));
}
