/**
 * What is particular to DynamoDB's lanes: orders that stand on the shelf until they are cut off it, the client token, conflicts,
 * throttling, answers that are lost. The emulator never answers with a conflict, a throttle or a refused key: those answers are
 * put in here as AWS documents them, in front of it.
 */
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LaneId } from '#lib/domain/lane.ts';
import { NO_ENGINES } from '#server/engines/engine-config.ts';
import { connectedEngines } from '#server/config.ts';
import { clientOf } from '#server/engines/clients.ts';
import type { EngineClient } from '#server/engines/engine-client.ts';
import type { DynamoDbRows } from '#server/engines/dynamodb/rows.ts';
import { carryOut } from '#server/lanes/carry-out.ts';
import { newTally } from '#server/lanes/engine-rows.ts';

const LANES = ['dynamodb-put', 'dynamodb-conditional', 'dynamodb-transaction'] as const;
const HERE = connectedEngines(env).dynamodb;

afterEach(() => void vi.unstubAllGlobals());

/** What a request asks, and how it goes on from here. */
type Between = (
  asked: { operation: string; body: string },
  send: () => Promise<Response>,
) => Promise<Response>;

/** Stands between the lane and DynamoDB. */
function standBetween(between: Between): void {
  const real = fetch;
  vi.stubGlobal('fetch', async (request: Request) => {
    const operation = request.headers.get('x-amz-target')?.split('.')[1] ?? '';
    const body = await request.clone().text();
    return between({ operation, body }, () => real(request));
  });
}

/** An answer as DynamoDB gives it instead of doing what it was asked. */
function fault(name: string, more: object = {}, status = 400): Response {
  return Response.json(
    { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'no', ...more },
    { status },
  );
}

/** A shelf of one lane, and orders of one unit. */
class Shelf {
  readonly client: EngineClient;
  readonly key: { show: string; sku: string; lane: LaneId; epoch: number };

  constructor(client: EngineClient, lane: LaneId) {
    this.client = client;
    this.key = { show: crypto.randomUUID(), sku: 'ticket', lane, epoch: 1 };
  }

  static async stocked(lane: LaneId, capacity: number, change: object = {}): Promise<Shelf> {
    const shelf = new Shelf(await connected(lane, change), lane);
    await shelf.client.prepare?.();
    await shelf.client.rows.stock(shelf.key, capacity, newTally());
    return shelf;
  }

  order(op: string = crypto.randomUUID()) {
    const { show, sku, lane, epoch } = this.key;
    return { lane, show, sku, epoch, distanceMs: 0, buyer: { op, who: 'somebody', units: 1, sim: false } };
  }

  sell(order = this.order(), again = false) {
    const { client } = this;
    return carryOut({ rows: client.rows, buy: client.buy(5) }, order, again);
  }

  /** The op that the shelf itself lists, and no more what was cut off. */
  async listed(): Promise<string[]> {
    const rows = this.client.rows as DynamoDbRows;
    return (await rows.readShelf(this.key, newTally()))?.recent.map(({ op }) => op) ?? [];
  }

  counter() {
    return this.client.rows.counter(this.key, newTally());
  }

  writes() {
    return this.client.rows.ordersAfter(this.key, 0, newTally());
  }
}

async function connected(lane: LaneId, change: object = {}): Promise<EngineClient> {
  const dynamodb = { ...HERE!, ...change };
  return (await clientOf({ ...NO_ENGINES, dynamodb }, { lane, distanceMs: 0 }))!;
}

const problemOf = (client: EngineClient, ask: () => Promise<void> = () => client.ping()) =>
  ask().then(
    () => null,
    (error: unknown) => client.problemOf(error),
  );

describe.skipIf(!HERE).each(LANES)('%s', (lane) => {
  it('keeps its shelf small: what was sold is cut off into rows, and every version is there once', async () => {
    const shelf = await Shelf.stocked(lane, 1_000);
    for (let turn = 0; turn < 5; turn++) await Promise.all(Array.from({ length: 20 }, () => shelf.sell()));
    await vi.waitFor(async () => expect((await shelf.listed()).length).toBeLessThan(16), 5_000);
    const versions = (await shelf.writes()).map(({ version }) => version);
    expect(versions).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
    const { rows } = await shelf.client.rows.rowsBehind(shelf.key, '', newTally());
    expect(new Set(rows.map(({ op }) => op)).size).toBe(100);
  });

  it('sells nothing to a call that comes when its op was sold to another one and cut off the shelf', async () => {
    const shelf = await Shelf.stocked(lane, 1_000);
    const order = shelf.order();
    const late = Promise.withResolvers<undefined>();
    let held = 0;
    standBetween(async ({ operation, body }, send) => {
      const isSale = /UpdateItem|TransactWriteItems/.test(operation) && body.includes('list_append');
      if (isSale && body.includes(order.buyer.op) && held++ === 0) await late.promise;
      return send();
    });
    const first = shelf.sell(order);
    await vi.waitFor(() => expect(held).toBe(1));
    const second = await shelf.sell(order, true);
    expect(second.outcome).toMatchObject({ kind: 'written', write: { version: 1 } });
    await Promise.all(Array.from({ length: 30 }, () => shelf.sell()));
    await vi.waitFor(async () => expect(await shelf.listed()).not.toContain(order.buyer.op), 5_000);
    const before = await shelf.counter();
    late.resolve(undefined);
    expect((await first).outcome).toEqual(second.outcome);
    expect(await shelf.counter()).toEqual(before);
  });

  it('is settled by its rows when the answer to a sale is lost, and when the service fails', async () => {
    const shelf = await Shelf.stocked(lane, 10);
    const lost = [() => Promise.reject(new TypeError('gone')), () => fault('InternalServerError', {}, 500)];
    for (const answer of lost) {
      const order = shelf.order();
      let sales = 0;
      standBetween(async ({ body }, send) => {
        const response = await send();
        if (!body.includes('list_append') || sales++ > 1) return response;
        return answer();
      });
      const report = await shelf.sell(order);
      vi.unstubAllGlobals();
      // A failed connection leaves the engine alone for a moment.
      if (report.outcome.kind === 'unknown') await scheduler.wait(300);
      expect((await shelf.sell(order, true)).outcome.kind).toBe('written');
    }
    expect((await shelf.counter())?.version).toBe(2);
  });

  it('waits a moment where DynamoDB has no capacity, and says how often it tried', async () => {
    const shelf = await Shelf.stocked(lane, 10);
    let throttled = 0;
    standBetween(({ body }, send) =>
      body.includes('list_append') && throttled++ < 2
        ? Promise.resolve(fault('ProvisionedThroughputExceededException'))
        : send(),
    );
    expect(await shelf.sell()).toMatchObject({
      outcome: { kind: 'written' },
      work: { attempts: 3, retries: { connection: 2 } },
    });
    expect(await shelf.counter()).toEqual({ allocated: 1, version: 1 });
  });

  it('is pending while nothing answers, and settled afterwards', async () => {
    const shelf = await Shelf.stocked(lane, 10);
    const order = shelf.order();
    standBetween(() => Promise.reject(new TypeError('unreachable')));
    expect((await shelf.sell(order)).outcome).toEqual({ kind: 'unknown' });
    expect(await problemOf(shelf.client)).toContain('cannot be reached');
    vi.unstubAllGlobals();
    await vi.waitFor(async () => {
      expect((await shelf.sell(order, true)).outcome).toMatchObject({
        kind: 'written',
        write: { version: 1 },
      });
    }, 5_000);
    expect(await shelf.counter()).toEqual({ allocated: 1, version: 1 });
  });
});

describe.skipIf(!HERE)('dynamodb-put', () => {
  it('believes a copy that is behind in everything but that there is no shelf', async () => {
    const shelf = await Shelf.stocked('dynamodb-put', 10);
    standBetween(({ operation, body }, send) =>
      operation === 'GetItem' && body.includes('"ConsistentRead":false')
        ? Promise.resolve(Response.json({}))
        : send(),
    );
    expect((await shelf.sell()).outcome).toMatchObject({ kind: 'written' });
  });
});

describe.skipIf(!HERE)('dynamodb-conditional', () => {
  it('cuts a shelf that has grown meanwhile in steps that an expression can hold', async () => {
    const shelf = await Shelf.stocked('dynamodb-conditional', 1_000);
    let isHeldUp = true;
    let longest = 0;
    standBetween(({ operation, body }, send) => {
      const { UpdateExpression = '' } = JSON.parse(body) as { UpdateExpression?: string };
      longest = Math.max(longest, UpdateExpression.length);
      if (!isHeldUp || operation !== 'BatchWriteItem') return send();
      return Promise.resolve(fault('InternalServerError', {}, 500));
    });
    for (let turn = 0; turn < 4; turn++) await Promise.all(Array.from({ length: 60 }, () => shelf.sell()));
    expect(await shelf.listed()).toHaveLength(240);
    isHeldUp = false;
    await shelf.sell();
    await vi.waitFor(async () => expect((await shelf.listed()).length).toBeLessThan(16), 10_000);
    expect(longest).toBeGreaterThan(1_000);
    // The longest that DynamoDB takes.
    expect(longest).toBeLessThanOrEqual(4_096);
    expect(await shelf.writes()).toHaveLength(241);
  });
});

describe.skipIf(!HERE)('dynamodb-transaction', () => {
  it('is sent again under its client token when the answer is lost, and done once', async () => {
    const shelf = await Shelf.stocked('dynamodb-transaction', 10);
    const sent: string[] = [];
    standBetween(async ({ operation, body }, send) => {
      const response = await send();
      if (operation !== 'TransactWriteItems') return response;
      sent.push(body);
      // Refused by the room's own end, so that it is not the engine that is left alone.
      return sent.length === 1 ? fault('InternalServerError', {}, 500) : response;
    });
    const { outcome, work } = await shelf.sell();
    expect(outcome).toMatchObject({ kind: 'written', write: { version: 1 } });
    expect(work).toMatchObject({ attempts: 2, retries: { connection: 1 } });
    expect(sent).toHaveLength(2);
    expect(sent[1]).toBe(sent[0]);
    expect(JSON.parse(sent[0]!)).toMatchObject({
      ClientRequestToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await shelf.counter()).toEqual({ allocated: 1, version: 1 });
  });

  it('is tried again when it conflicts with another, and counts each conflict', async () => {
    const shelf = await Shelf.stocked('dynamodb-transaction', 10);
    let conflicts = 0;
    const CancellationReasons = [{ Code: 'TransactionConflict' }, { Code: 'None' }];
    standBetween(({ operation }, send) =>
      operation === 'TransactWriteItems' && conflicts++ < 3
        ? Promise.resolve(fault('TransactionCanceledException', { CancellationReasons }))
        : send(),
    );
    const { outcome, work } = await shelf.sell();
    expect(outcome).toMatchObject({ kind: 'written' });
    expect(work).toMatchObject({ attempts: 4, retries: { conflict: 3 } });
  });

  it('is busy, and has sold nothing, where every try conflicts', async () => {
    const shelf = await Shelf.stocked('dynamodb-transaction', 10);
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const CancellationReasons = [{ Code: 'TransactionConflict' }, { Code: 'None' }];
    standBetween(({ operation }, send) =>
      operation === 'TransactWriteItems'
        ? Promise.resolve(fault('TransactionCanceledException', { CancellationReasons }))
        : send(),
    );
    expect((await shelf.sell()).outcome).toEqual({ kind: 'refused', code: 'BUSY' });
    vi.restoreAllMocks();
    expect(await shelf.counter()).toEqual({ allocated: 0, version: 0 });
  });
});

describe.skipIf(!HERE)('DynamoDB', () => {
  it('whose table is missing sells nothing; it is made when a show is opened', async () => {
    const table = `missing-${crypto.randomUUID()}`;
    const client = await connected('dynamodb-conditional', { table });
    expect(await problemOf(client)).toContain(table);
    // Lanes of shows that are opened at the same moment make it once.
    await Promise.all([1, 2, 3].map(async () => client.prepare?.()));
    expect(await problemOf(client)).toBeNull();
    const shelf = await Shelf.stocked('dynamodb-conditional', 1, { table });
    expect((await shelf.sell()).outcome.kind).toBe('written');
  });

  it.each([
    [
      'that may not make its missing table',
      'AccessDeniedException',
      ['CreateTable', 'There is no such table'],
    ],
    ['that is not accepted', 'UnrecognizedClientException', ['DYNAMODB_ACCESS_KEY_ID']],
    ['whose signature is wrong', 'InvalidSignatureException', ['DYNAMODB_SECRET_ACCESS_KEY']],
  ])('with a key %s says so, without the key', async (_what, name, words) => {
    const client = await connected('dynamodb-conditional', { table: `missing-${crypto.randomUUID()}` });
    const message =
      'User: arn:aws:iam::1:user/u is not authorized to perform: dynamodb:CreateTable on resource: r';
    standBetween(({ operation }, send) =>
      operation === 'CreateTable' || name !== 'AccessDeniedException'
        ? Promise.resolve(fault(name, { message }))
        : send(),
    );
    const problem = await problemOf(client, () => client.prepare!());
    for (const word of words) expect(problem).toContain(word);
    expect(problem).not.toContain(HERE!.secretAccessKey);
    expect(problem).not.toContain('arn:');
  });
});
