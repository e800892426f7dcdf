/** dynamodb-conditional: one UpdateItem, which takes the units only while so many remain. One request, and nobody waits for another. */
import { itemOf } from '../engines/dynamodb/items.ts';
import type { DynamoDbRows } from '../engines/dynamodb/rows.ts';
import { sell } from '../engines/dynamodb/sale.ts';
import type { Taking } from '../engines/dynamodb/sale.ts';
import { saleNow } from '../engines/dynamodb/shelf.ts';
import type { Buy } from './carry-out.ts';

/** Takes units while so many remain. */
export function takingWhatRemains(units: number): Taking {
  return {
    set: 'remaining = remaining - :units',
    onlyIf: 'remaining >= :units',
    values: itemOf({ ':units': units }),
  };
}

/** The lane's strategy. */
export function dynamodbConditional(rows: DynamoDbRows): Buy {
  return (key, { buyer }, tally) => sell(rows, key, saleNow(buyer), takingWhatRemains(buyer.units), tally);
}
