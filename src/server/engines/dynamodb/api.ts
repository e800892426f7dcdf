/**
 * DynamoDB's HTTP API: one signed request, and what the service says. A refusal that is certain to have changed nothing is a value;
 * whatever leaves that open (a broken connection, silence, a failure of the service itself) is thrown.
 */
import { AwsClient } from 'aws4fetch';
import * as v from 'valibot';
import { countRetry } from '../../lanes/engine-rows.ts';
import type { Tally } from '../../lanes/engine-rows.ts';
import { BackOff } from '../back-off.ts';
import { addressAt } from '../engine-config.ts';
import type { EnginesConfig } from '../engine-config.ts';
import { Slots } from '../slots.ts';
import { item } from './items.ts';
import type { Item } from './items.ts';

/** How DynamoDB is reached. */
export type DynamoDbConfig = NonNullable<EnginesConfig['dynamodb']>;

/** What DynamoDB refuses, as far as a lane does something about it. */
const REFUSALS = [
  'ConditionalCheckFailedException',
  'TransactionCanceledException',
  'TransactionConflictException',
  'TransactionInProgressException',
  'ResourceNotFoundException',
  'ResourceInUseException',
] as const;
type RefusalName = (typeof REFUSALS)[number];

/** A request that was refused and has changed nothing. */
export interface Refusal {
  ok: false;
  name: RefusalName;
  /** The item as it stood when its condition failed, where the request asked for it; null when there was none. */
  item: Item | null;
  /** Of a transaction: why each of its items was refused, `None` where it was not. */
  reasons: readonly { code: string; item: Item | null }[];
}

/** A request that was done. */
export interface Done {
  ok: true;
  body: unknown;
}

const updated = v.object({ Attributes: item });

/** The item as an update has left it, where it asked for that. */
export function updatedItem({ body }: Done): Item {
  return v.parse(updated, body).Attributes;
}

/** What is wrong, in DynamoDB's own name for it. */
export class DynamoDbFailure extends Error {
  override readonly name = 'DynamoDbFailure';
  readonly fault: string;
  readonly certain: boolean;

  /**
   * @param fault the name of the exception, such as `AccessDeniedException`
   * @param certain whether it is certain that nothing was done
   */
  constructor(fault: string, message: string, certain: boolean) {
    super(`${fault}: ${message}`);
    this.fault = fault;
    this.certain = certain;
  }
}

/** Longest wait for one answer, milliseconds. DynamoDB answers within tens; what takes longer has failed. */
const ANSWER_WITHIN_MS = 5_000;
/** Refusals for want of capacity: nothing was done, and soon there is room again. */
const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
]);
/** Times that a throttled request is sent again, and the first pause before it, milliseconds; each is twice as long. */
const MOST_THROTTLED = 5;
const FIRST_PAUSE_MS = 50;

const fault = v.object({
  __type: v.string(),
  message: v.optional(v.string()),
  Message: v.optional(v.string()),
  Item: v.optional(item),
  CancellationReasons: v.optional(
    v.array(v.object({ Code: v.optional(v.string(), 'None'), Item: v.optional(item) })),
  ),
});

/** The API, at one distance. */
export class DynamoDbApi {
  /** The table that every lane of this site keeps its items in. */
  readonly table: string;
  readonly region: string;
  readonly #aws: AwsClient;
  readonly #address: string;
  readonly #slots: Slots;
  readonly #backOff = new BackOff();

  /** @param connections requests that may be under way at once */
  constructor(config: DynamoDbConfig, distanceMs: number, connections: number) {
    const { accessKeyId, secretAccessKey, region, table, endpoint } = config;
    this.table = table;
    this.region = region;
    this.#slots = new Slots(connections);
    // Whether a request may be sent again is for those to say who know what it does.
    this.#aws = new AwsClient({ accessKeyId, secretAccessKey, region, service: 'dynamodb', retries: 0 });
    this.#address = addressAt(endpoint ?? `https://dynamodb.${region}.amazonaws.com/`, config, distanceMs);
  }

  /**
   * Sends one request. Where DynamoDB has no capacity for it, sends it again after a pause, a few times.
   * @param operation such as `UpdateItem`
   */
  async request(operation: string, body: object, tally: Tally): Promise<Done | Refusal> {
    for (let throttled = 0; ; throttled++) {
      const { status, text } = await this.#slots.use(() => this.#post(operation, body, tally));
      if (status === 200) return { ok: true, body: JSON.parse(text) };
      const said = faultIn(text);
      const name = said?.__type.split('#').at(-1) ?? `status ${status}`;
      const refusal = status < 500 && REFUSALS.find((each) => each === name);
      if (said && refusal) return refusalOf(refusal, said);
      if (!THROTTLES.has(name) || throttled === MOST_THROTTLED) {
        throw new DynamoDbFailure(name, said?.message ?? said?.Message ?? '', status < 500);
      }
      countRetry(tally, 'connection');
      await scheduler.wait(FIRST_PAUSE_MS * 2 ** throttled * (0.5 + Math.random() / 2));
    }
  }

  async #post(operation: string, body: object, tally: Tally): Promise<{ status: number; text: string }> {
    this.#backOff.check();
    tally.roundTrips += 1;
    try {
      const response = await this.#aws.fetch(this.#address, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `DynamoDB_20120810.${operation}`,
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const answer = { status: response.status, text: await response.text() };
      this.#backOff.served();
      return answer;
    } catch (error) {
      this.#backOff.failed(error);
      throw error;
    }
  }
}

function faultIn(text: string): v.InferOutput<typeof fault> | null {
  try {
    return v.parse(fault, JSON.parse(text));
  } catch {
    // A proxy in between answers in its own words.
    return null;
  }
}

function refusalOf(name: RefusalName, said: v.InferOutput<typeof fault>): Refusal {
  const reasons = said.CancellationReasons ?? [];
  return {
    ok: false,
    name,
    item: said.Item ?? null,
    reasons: reasons.map(({ Code, Item }) => ({ code: Code, item: Item ?? null })),
  };
}
