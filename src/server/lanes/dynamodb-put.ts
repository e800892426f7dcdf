/**
 * dynamodb-put: a reading from whichever copy answers, a pause, and a write of what was read less the units sold. Nothing compares
 * what stands there by then. That the op is new and the epoch open is a condition of this write as of every lane's, and says
 * nothing of the stock.
 */
import { itemOf } from '../engines/dynamodb/items.ts';
import type { DynamoDbRows } from '../engines/dynamodb/rows.ts';
import { sell } from '../engines/dynamodb/sale.ts';
import { blindly } from './blindly.ts';
import type { Buy } from './carry-out.ts';

/** @param pauseMs the race window: how long what was read is left alone before the write. */
export function dynamodbPut(rows: DynamoDbRows, pauseMs: number): Buy {
  return (key, order, tally) => {
    let capacity = 0;
    const buy = blindly(pauseMs, {
      async read() {
        // A copy may not have heard of the shelf yet: only a consistent read can say that there is none.
        const shelf = (await rows.readShelf(key, tally, false)) ?? (await rows.readShelf(key, tally));
        if (!shelf || shelf.fenced) return null;
        ({ capacity } = shelf);
        return shelf;
      },
      async write(_key, write) {
        const values = itemOf({ ':left': capacity - write.wroteAllocated });
        const sold = await sell(rows, key, write, { set: 'remaining = :left', values }, tally);
        return sold.kind === 'written' ? sold.row.version : null;
      },
    });
    return buy(key, order, tally);
  };
}
