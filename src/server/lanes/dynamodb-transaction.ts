/**
 * dynamodb-transaction: one TransactWriteItems takes the units while so many remain and stores the order's row, which must not be
 * there: both or none. It is sent under a client token, so that what was sent twice is done once. A transaction answers
 * nothing of what it wrote: where the order stands in the line is read afterwards, which is a trip more.
 */
import { DynamoDbFailure } from '../engines/dynamodb/api.ts';
import type { Refusal } from '../engines/dynamodb/api.ts';
import type { DynamoDbRows } from '../engines/dynamodb/rows.ts';
import { refusalBy, saleUpdate } from '../engines/dynamodb/sale.ts';
import { rowOf, saleNow } from '../engines/dynamodb/shelf.ts';
import type { Sale } from '../engines/dynamodb/shelf.ts';
import { EngineBusy } from './carry-out.ts';
import type { Bought, Buy } from './carry-out.ts';
import { takingWhatRemains } from './dynamodb-conditional.ts';
import { countRetry } from './engine-rows.ts';
import type { InventoryKey, Tally } from './engine-rows.ts';

/** Times that a transaction is tried against others on the same shelf, and the pauses between, milliseconds. */
const MOST_TRIES = 40;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 400;
/** Reasons for which DynamoDB cancels a transaction that it would do at another moment. */
const CONFLICT = 'TransactionConflict';
const THROTTLES = ['ThrottlingError', 'ProvisionedThroughputExceeded'];

/** The lane's strategy. */
export function dynamodbTransaction(rows: DynamoDbRows): Buy {
  return async (key, { buyer }, tally) => {
    const sale = saleNow(buyer);
    const refused = await transact(rows, key, sale, tally);
    if (refused) return refused;
    return { kind: 'written', row: await sentBefore(rows.readSold(key, sale.op, tally)) };
  };
}

/** Writes shelf and row; else why it surely did not. Throws for an op that has a row already. */
async function transact(
  rows: DynamoDbRows,
  key: InventoryKey,
  sale: Sale,
  tally: Tally,
): Promise<Bought | null> {
  const put = {
    Item: rowOf(key, { ...sale, epoch: key.epoch }),
    ConditionExpression: 'attribute_not_exists(pk)',
  };
  const writes = [{ Update: saleUpdate(key, sale, takingWhatRemains(sale.units)) }, { Put: put }];
  const token = crypto.randomUUID();
  let unheard = false;
  for (let tried = 1; tried <= MOST_TRIES; tried++) {
    try {
      const asked = rows.table.transact(writes, token, tally);
      const answer = await (unheard ? sentBefore(asked) : asked);
      if (answer.ok) return null;
      if (answer.name === 'TransactionInProgressException') unheard = true;
      const cause = againFor(answer);
      if (!cause) return { kind: 'refused', code: refusalOf(answer, sale) };
      countRetry(tally, cause);
    } catch (error) {
      // What became of it is asked under the same token, once: silence after that is for the rows to settle.
      if (unheard || error instanceof EngineBusy || isCertain(error)) throw error;
      unheard = true;
      countRetry(tally, 'connection');
    }
    await scheduler.wait(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tried) * Math.random());
  }
  // Each of them was cancelled, unless one was not heard of.
  if (unheard) throw new Error(`the transaction of op ${sale.op} is not settled`);
  throw new EngineBusy(`${MOST_TRIES} transactions on the shelf came first`);
}

/** Why a cancelled transaction is worth another try; null when it is not. */
function againFor({ name, reasons }: Refusal): 'conflict' | 'connection' | null {
  if (name === 'TransactionConflictException' || name === 'TransactionInProgressException') return 'conflict';
  const codes = new Set(reasons.map(({ code }) => code));
  if (codes.has('ConditionalCheckFailed')) return null;
  if (codes.has(CONFLICT)) return 'conflict';
  return THROTTLES.some((code) => codes.has(code)) ? 'connection' : null;
}

function refusalOf({ name, reasons }: Refusal, sale: Sale): 'STALE_EPOCH' | 'OUT_OF_STOCK' {
  const [shelf, row] = reasons;
  if (row?.code === 'ConditionalCheckFailed') throw new Error(`op ${sale.op} has a row already`);
  if (shelf?.code === 'ConditionalCheckFailed') return refusalBy(shelf.item, sale);
  throw new DynamoDbFailure(name, reasons.map(({ code }) => code).join(', '), true);
}

/** True when the service itself said that it did nothing. */
function isCertain(error: unknown): boolean {
  return error instanceof DynamoDbFailure && error.certain;
}

/** A request behind one that may have written: that there is no connection for it does not say that nothing was sent. */
async function sentBefore<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof EngineBusy)
      throw new Error('no connection to ask what was written', { cause: error });
    throw error;
  }
}
