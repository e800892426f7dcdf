/** What every sale has in common, whichever statement takes the units: it is done once, and its order stands with it. */
import type { Bought } from '../../lanes/carry-out.ts';
import type { InventoryKey, Tally } from '../../lanes/engine-rows.ts';
import { DynamoDbFailure, updatedItem } from './api.ts';
import { itemOf } from './items.ts';
import type { Item } from './items.ts';
import type { DynamoDbRows } from './rows.ts';
import { listed, shelfKey, shelfOf } from './shelf.ts';
import type { Sale } from './shelf.ts';

/** A lane's statement: how units are taken off, and on which condition. */
export interface Taking {
  set: string;
  onlyIf?: string;
  values: Item;
}

const RECORD = 'version = version + :one, recent = list_append(recent, :order)';
const ONCE = 'fenced = :no AND NOT contains(recent, :op) AND NOT contains(voids, :op)';

/** Sells by one UpdateItem. */
export async function sell(
  rows: DynamoDbRows,
  key: InventoryKey,
  sale: Sale,
  taking: Taking,
  tally: Tally,
): Promise<Bought> {
  const update = { ...saleUpdate(key, sale, taking), ReturnValues: 'ALL_NEW' };
  const answer = await rows.table.update(update, tally);
  if (answer.ok) {
    const { recent } = rows.sold(key, updatedItem(answer));
    const row = recent.find(({ op }) => op === sale.op);
    if (row) return { kind: 'written', row };
    throw new Error(`the shelf does not list op ${sale.op}, which was sold`);
  }
  if (answer.name !== 'ConditionalCheckFailedException') throw new DynamoDbFailure(answer.name, 'sale', true);
  return { kind: 'refused', code: refusalBy(answer.item, sale) };
}

/** An update that takes units off a shelf and adds the order; refused with the shelf as it stood. */
export function saleUpdate(key: InventoryKey, sale: Sale, { set, onlyIf, values }: Taking) {
  return {
    Key: shelfKey(key),
    UpdateExpression: `SET ${set}, ${RECORD}`,
    ConditionExpression: onlyIf ? `${ONCE} AND ${onlyIf}` : ONCE,
    ExpressionAttributeValues: {
      ...itemOf({ ':one': 1, ':no': false, ':op': sale.op }),
      ':order': listed(sale),
      ...values,
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

/**
 * Why a sale was refused, by the shelf as it stood. Throws where the op has been there before: then the rows tell.
 * @param stored null when there is no shelf
 */
export function refusalBy(stored: Item | null, { op, units }: Sale): 'STALE_EPOCH' | 'OUT_OF_STOCK' {
  if (!stored) return 'STALE_EPOCH';
  const { recent, voids, fenced, capacity, allocated } = shelfOf(stored);
  if (voids.has(op) || recent.some((order) => order.op === op)) throw new Error(`op ${op} was there before`);
  if (fenced) return 'STALE_EPOCH';
  if (units > capacity - allocated) return 'OUT_OF_STOCK';
  throw new Error(`the sale of op ${op} was refused, and nothing speaks against it`);
}
