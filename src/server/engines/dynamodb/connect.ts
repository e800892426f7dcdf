/** DynamoDB as a lane uses it. */
import { assert } from '#lib/domain/assert.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { EngineBusy } from '../../lanes/carry-out.ts';
import type { Buy } from '../../lanes/carry-out.ts';
import { dynamodbConditional } from '../../lanes/dynamodb-conditional.ts';
import { dynamodbPut } from '../../lanes/dynamodb-put.ts';
import { dynamodbTransaction } from '../../lanes/dynamodb-transaction.ts';
import { newTally } from '../../lanes/engine-rows.ts';
import { EngineDown } from '../back-off.ts';
import type { Connect } from '../engine-client.ts';
import { MOST_CONNECTIONS } from '../slots.ts';
import { DynamoDbApi, DynamoDbFailure } from './api.ts';
import { DynamoDbRows } from './rows.ts';
import { BEING_MADE, DynamoDbTable } from './table.ts';

const STRATEGIES: { readonly [L in LaneId]?: (rows: DynamoDbRows, pauseMs: number) => Buy } = {
  'dynamodb-put': dynamodbPut,
  'dynamodb-conditional': dynamodbConditional,
  'dynamodb-transaction': dynamodbTransaction,
};

/** The client of DynamoDB, or of what has its API. */
export const connectDynamoDb: Connect<'dynamodb'> = (config, { lane, distanceMs }) => {
  const tableBy = (connections: number) =>
    new DynamoDbTable(new DynamoDbApi(config, distanceMs, connections));
  const table = tableBy(MOST_CONNECTIONS - 1);
  // Cutting shelves has a connection to itself: behind everybody who buys it would come too late.
  const rows = new DynamoDbRows(table, tableBy(1));
  const strategy = STRATEGIES[lane];
  assert(strategy, 'a lane of DynamoDB');
  return {
    rows,
    buy: (pauseMs) => strategy(rows, pauseMs),
    forget: (key) => rows.forget(key),
    prepare: () => table.make(newTally()),
    ping: () => table.ping(newTally()),
    problemOf: (error) => problemOf(error, table.title),
  };
};

const REFUSED_KEYS = new Set([
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'IncompleteSignatureException',
  'MissingAuthenticationTokenException',
  'InvalidClientTokenId',
  'ExpiredTokenException',
]);

function problemOf(error: unknown, table: string): string | null {
  const reason = error instanceof EngineDown ? error.cause : error;
  if (!(reason instanceof DynamoDbFailure)) {
    if (reason instanceof EngineBusy) return null;
    return 'DynamoDB cannot be reached, or does not answer (DYNAMODB_ENDPOINT, DYNAMODB_REGION).';
  }
  const { fault, message } = reason;
  if (REFUSED_KEYS.has(fault)) {
    return 'DynamoDB does not accept the key (DYNAMODB_ACCESS_KEY_ID, DYNAMODB_SECRET_ACCESS_KEY).';
  }
  if (fault === 'AccessDeniedException') {
    const right = /dynamodb:\w+/.exec(message)?.[0] ?? 'what it was asked';
    const missing = right === 'dynamodb:CreateTable' ? 'There is no such table. ' : '';
    return `${missing}The key of DynamoDB may not do ${right} on ${table} (docs/engines.md).`;
  }
  if (fault === BEING_MADE) return `DynamoDB is making the table ${table}: try again in a moment.`;
  if (fault === 'ResourceNotFoundException') {
    return `DynamoDB has no table ${table}: it is made when a show is opened (docs/engines.md).`;
  }
  return `DynamoDB failed with ${fault}.`;
}
