/** The table: its requests, which all name it, and how it is made where it is missing and the key may make it. */
import * as v from 'valibot';
import type { Tally } from '../../lanes/engine-rows.ts';
import { DynamoDbFailure } from './api.ts';
import type { Done, DynamoDbApi, Refusal } from './api.ts';
import { item, text } from './items.ts';
import type { Item } from './items.ts';

/**
 * Longest wait for a new table, milliseconds, and between two looks at it. AWS may take longer; whoever opens a show is then told
 * to try again, before they are told that nothing answers (unwell.ts).
 */
const MADE_WITHIN_MS = 6_000;
const LOOK_EVERY_MS = 500;
/** The fault of a table that is not there yet. */
export const BEING_MADE = 'TableIsBeingMade';
/** Items of one BatchWriteItem. */
const MOST_ITEMS = 25;

const found = v.object({ Item: v.optional(item) });
const page = v.object({ Items: v.array(item), LastEvaluatedKey: v.optional(item) });
const batched = v.object({ UnprocessedItems: v.optional(v.record(v.string(), v.array(v.unknown())), {}) });
const sortKey = v.object({ sk: text });

/** The table of a site's lanes. */
export class DynamoDbTable {
  readonly #api: DynamoDbApi;

  constructor(api: DynamoDbApi) {
    this.#api = api;
  }

  /** Name and region, for people. */
  get title(): string {
    return `${this.#api.table} in ${this.#api.region}`;
  }

  /** Rejects when the table does not serve. */
  async ping(tally: Tally): Promise<void> {
    await this.read(NOBODY, tally, false);
  }

  /** Reads one item; null when there is none. Strongly consistent unless it is said otherwise. */
  async read(key: Item, tally: Tally, consistent = true): Promise<Item | null> {
    const answer = await this.#done('GetItem', { Key: key, ConsistentRead: consistent }, tally);
    return v.parse(found, answer.body).Item ?? null;
  }

  /** Items of one partition, from all its pages or up to `limit`, and the sort key of the last one while others follow. */
  async list(query: object, tally: Tally, limit = Infinity): Promise<{ items: Item[]; last: string | null }> {
    const items: Item[] = [];
    let from: Item | undefined;
    do {
      const asked = {
        ...query,
        ConsistentRead: true,
        ...(from ? { ExclusiveStartKey: from } : {}),
        ...(limit === Infinity ? {} : { Limit: limit - items.length }),
      };
      const answer = v.parse(page, (await this.#done('Query', asked, tally)).body);
      items.push(...answer.Items);
      from = answer.LastEvaluatedKey;
    } while (from && items.length < limit);
    return { items, last: from ? v.parse(sortKey, from).sk : null };
  }

  /** Changes one item, or is refused. */
  update(update: object, tally: Tally): Promise<Done | Refusal> {
    return this.#api.request('UpdateItem', { TableName: this.#api.table, ...update }, tally);
  }

  /** Stores an item unless there is one with its key. */
  async put(stored: Item, tally: Tally): Promise<void> {
    const asked = {
      TableName: this.#api.table,
      Item: stored,
      ConditionExpression: 'attribute_not_exists(pk)',
    };
    const answer = await this.#api.request('PutItem', asked, tally);
    if (!answer.ok && answer.name !== 'ConditionalCheckFailedException') {
      throw new DynamoDbFailure(answer.name, 'PutItem', true);
    }
  }

  /** Stores items, whatever is stored under their keys. */
  putAll(items: readonly Item[], tally: Tally): Promise<void> {
    return this.#batch(
      items.map((each) => ({ PutRequest: { Item: each } })),
      tally,
    );
  }

  /** Deletes items by their keys, there or not. */
  deleteAll(keys: readonly Item[], tally: Tally): Promise<void> {
    return this.#batch(
      keys.map((each) => ({ DeleteRequest: { Key: each } })),
      tally,
    );
  }

  /** Writes several items together or not at all. The same token within ten minutes does it once. */
  transact(writes: readonly object[], token: string, tally: Tally): Promise<Done | Refusal> {
    const named = writes.map((write) =>
      Object.fromEntries(
        Object.entries(write).map(([kind, asked]) => [
          kind,
          { TableName: this.#api.table, ...(asked as object) },
        ]),
      ),
    );
    const request = { ClientRequestToken: token, TransactItems: named };
    return this.#api.request('TransactWriteItems', request, tally);
  }

  /** Some at a time; what DynamoDB had no capacity for is asked again. */
  async #batch(requests: readonly unknown[], tally: Tally): Promise<void> {
    const left = [...requests];
    while (left.length > 0) {
      const asked = { RequestItems: { [this.#api.table]: left.splice(0, MOST_ITEMS) } };
      const answer = required('BatchWriteItem', await this.#api.request('BatchWriteItem', asked, tally));
      const undone = v.parse(batched, answer.body).UnprocessedItems[this.#api.table] ?? [];
      left.push(...undone);
      if (undone.length > 0) await scheduler.wait(LOOK_EVERY_MS);
    }
  }

  async #done(operation: string, asked: object, tally: Tally): Promise<Done> {
    return required(
      operation,
      await this.#api.request(operation, { TableName: this.#api.table, ...asked }, tally),
    );
  }

  /** Makes the table where it is missing, paid by request, and waits until it serves. Somebody else may be making it. */
  async make(tally: Tally): Promise<void> {
    const until = Date.now() + MADE_WITHIN_MS;
    for (let asked = false; !(await this.#serves(tally)); asked = true) {
      if (Date.now() > until) throw new DynamoDbFailure(BEING_MADE, this.title, true);
      if (asked) await scheduler.wait(LOOK_EVERY_MS);
      else await this.#ask(tally);
    }
  }

  async #ask(tally: Tally): Promise<void> {
    const answer = await this.#api.request('CreateTable', { TableName: this.#api.table, ...SCHEMA }, tally);
    if (answer.ok || answer.name === 'ResourceInUseException') return;
    throw new DynamoDbFailure(answer.name, 'CreateTable', true);
  }

  /** True when the table answers; one that is being made says that it is not there. */
  async #serves(tally: Tally): Promise<boolean> {
    const asked = { TableName: this.#api.table, Key: NOBODY };
    const answer = await this.#api.request('GetItem', asked, tally);
    return answer.ok || answer.name !== 'ResourceNotFoundException';
  }
}

/** The key of no item. */
const NOBODY = { pk: { S: '-' }, sk: { S: '-' } };
/** One table for everything: a partition for each lane's shelves and one for its orders. */
const SCHEMA = {
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
};

function required(operation: string, answer: Done | Refusal): Done {
  if (answer.ok) return answer;
  throw new DynamoDbFailure(answer.name, operation, true);
}
