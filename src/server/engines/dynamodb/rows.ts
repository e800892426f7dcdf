/**
 * The rows of a lane in DynamoDB: shelves, and the order rows that were cut off them (shelf.ts). Whoever looks for an order reads
 * the shelf first and the rows then: an order that left the shelf in between stands in its row by then.
 */
import type { EngineRows, InventoryKey, OrderRow, OrdersKey, Tally } from '../../lanes/engine-rows.ts';
import { counted, newTally, ROWS_AT_ONCE, voidRow } from '../../lanes/engine-rows.ts';
import { errorFields, logLine } from '../../log.ts';
import { DynamoDbFailure, updatedItem } from './api.ts';
import { itemOf } from './items.ts';
import type { Item } from './items.ts';
import { orderOf, rowKey, rowOf, rowsOf, shelfKey, shelfOf, shelvesOf, untouchedShelf } from './shelf.ts';
import type { Shelf } from './shelf.ts';
import type { DynamoDbTable } from './table.ts';

/** Orders with which a shelf is cut, and how many stay: an item of 2 kB, so that a sale costs two write units and not hundreds. */
const CUT_AT = 16;
const KEPT = 4;
/** Orders that are cut at once: an expression holds 4 kB, and each order is two places in it. */
const MOST_CUT = 100;
/** Times that something is tried while a transaction on the same items is under way, and the pause, milliseconds. */
const MOST_TRIES = 20;
const TRY_AGAIN_MS = 50;

/** A change of a shelf, and on which condition. */
interface Change {
  set: string;
  onlyIf?: string;
  values: Item;
}

/** The order rows and shelves of a lane in DynamoDB. */
export class DynamoDbRows implements EngineRows {
  readonly table: DynamoDbTable;
  readonly #housekeeping: DynamoDbTable;
  /** Shelves that are being cut. */
  /** Shelves that are being cut, and whether a sale has seen them grown meanwhile. */
  readonly #cutting = new Map<string, boolean>();

  /** @param housekeeping the same table, over connections that no buyer waits for */
  constructor(table: DynamoDbTable, housekeeping: DynamoDbTable) {
    this.table = table;
    this.#housekeeping = housekeeping;
  }

  async stock(key: InventoryKey, capacity: number, tally: Tally): Promise<void> {
    await this.table.put(untouchedShelf(key, capacity), tally);
  }

  async fence(key: InventoryKey, capacity: number, tally: Tally): Promise<void> {
    await this.#change(key, { set: 'SET fenced = :yes', values: itemOf({ ':yes': true }) }, tally);
    await this.stock({ ...key, epoch: key.epoch + 1 }, capacity, tally);
  }

  /** Marks the op: from now on a call of it that was under way cannot write unseen (shelf.ts). */
  async readOrder(key: InventoryKey, op: string, tally: Tally): Promise<OrderRow | null> {
    const mark = { set: 'ADD asked :ops', values: { ':ops': { SS: [op] } } };
    return this.#find(key, op, await this.#change(key, mark, tally), tally);
  }

  /** The order of an op that was surely sold by the call that asks. */
  async readSold(key: InventoryKey, op: string, tally: Tally): Promise<OrderRow> {
    const stored = await this.table.read(shelfKey(key), tally);
    const order = await this.#find(key, op, stored && this.sold(key, stored), tally);
    if (order && order.version > 0) return order;
    throw new Error(`the order of op ${op} was written and is not there`);
  }

  async voidOrder(key: InventoryKey, { op }: Pick<OrderRow, 'op'>, tally: Tally): Promise<void> {
    const values = { ':ops': { SS: [op] }, ...itemOf({ ':op': op }) };
    await this.#change(key, { set: 'ADD voids :ops', onlyIf: 'NOT contains(recent, :op)', values }, tally);
  }

  /** Voids stand on the shelf of their epoch: in another they never were. */
  dropVoid(): Promise<void> {
    return Promise.resolve();
  }

  async ordersAfter(key: InventoryKey, version: number, tally: Tally): Promise<OrderRow[]> {
    const shelf = await this.readShelf(key, tally);
    if (!shelf) return [];
    const recent = shelf.recent.filter((order) => order.version > version);
    if (shelf.cut <= version) return recent;
    const versions = { ':epoch': key.epoch, ':first': version + 1, ':cut': shelf.cut };
    const query = {
      KeyConditionExpression: 'pk = :pk',
      FilterExpression: 'epoch = :epoch AND version BETWEEN :first AND :cut',
      ExpressionAttributeValues: itemOf({ ':pk': rowsOf(key), ...versions }),
    };
    const { items } = await this.table.list(query, tally);
    const cut = items.flatMap((each) => orderOf(each) ?? []).sort((a, b) => a.version - b.version);
    return [...cut, ...recent];
  }

  async rowsBehind(key: OrdersKey, op: string, tally: Tally) {
    const { items } = await this.#inPartition(shelvesOf(key), '', tally);
    const page = await this.#inPartition(rowsOf(key), op, tally, ROWS_AT_ONCE);
    const { last } = page;
    const isHere = (row: OrderRow) => row.op > op && (last === null || row.op <= last);
    const rows = new Map(page.items.flatMap((each) => orderOf(each) ?? []).map((row) => [row.op, row]));
    for (const { epoch, recent, voids } of items.map(shelfOf)) {
      for (const row of recent.filter(isHere)) rows.set(row.op, row);
      for (const row of [...voids]
        .map((each) => voidRow(epoch, { op: each, who: '', units: 0 }))
        .filter(isHere)) {
        // What was cut after it had been asked for stands among the voids too, and has its row.
        if (!rows.has(row.op)) rows.set(row.op, row);
      }
    }
    const inOrder = [...rows.values()].sort((a, b) => (a.op < b.op ? -1 : 1));
    return { rows: inOrder.map(counted), isLast: last === null };
  }

  async counter(key: InventoryKey, tally: Tally) {
    const shelf = await this.readShelf(key, tally);
    return shelf && { allocated: shelf.allocated, version: shelf.version };
  }

  /** Deletes everything of a room's lane. */
  async forget(key: OrdersKey): Promise<void> {
    const tally = newTally();
    for (const pk of [shelvesOf(key), rowsOf(key)]) {
      const { items } = await this.#inPartition(pk, '', tally);
      const keys = items.map(({ pk: partition, sk }) => ({ pk: partition!, sk: sk! }));
      await this.table.deleteAll(keys, tally);
    }
  }

  /** The shelf as it surely stands, or from a copy that may be behind; null when it was never stocked. */
  async readShelf(key: InventoryKey, tally: Tally, consistent = true): Promise<Shelf | null> {
    const stored = await this.table.read(shelfKey(key), tally, consistent);
    return stored && shelfOf(stored);
  }

  /** Reads a shelf as a sale has left it, and cuts it when it has grown. */
  sold(key: InventoryKey, stored: Item): Shelf {
    const shelf = shelfOf(stored);
    const id = JSON.stringify(shelfKey(key));
    if (shelf.recent.length < CUT_AT) return shelf;
    const isBeingCut = this.#cutting.has(id);
    this.#cutting.set(id, isBeingCut);
    if (!isBeingCut) {
      void this.#cutOff(key, id, shelf).catch((error: unknown) => {
        this.#cutting.delete(id);
        logLine('shelf_not_cut', { lane: key.lane, ...errorFields(error) });
      });
    }
    return shelf;
  }

  async #find(key: InventoryKey, op: string, seen: Shelf | null, tally: Tally): Promise<OrderRow | null> {
    let shelf = seen;
    for (let tried = 1; tried < MOST_TRIES; tried++) {
      const listed = shelf?.recent.find((order) => order.op === op);
      if (listed) return listed;
      const stored = await this.table.read(rowKey(key, op), tally);
      const order = stored && orderOf(stored);
      if (order) return order;
      if (!stored) return shelf?.voids.has(op) ? voidRow(key.epoch, { op, who: '', units: 0 }) : null;
      // A transaction has written it since the shelf was read: there it has its version.
      shelf = await this.readShelf(key, tally);
    }
    throw new Error(`the order row of op ${op} has no version`);
  }

  /** Changes a shelf that is there: as it stands now; null when there is none, or not so. Waits for transactions on it. */
  async #change(
    key: InventoryKey,
    { set, onlyIf, values }: Change,
    tally: Tally,
    table = this.table,
  ): Promise<Shelf | null> {
    const conditions = ['attribute_exists(pk)', ...(onlyIf ? [onlyIf] : [])];
    const update = {
      Key: shelfKey(key),
      UpdateExpression: set,
      ConditionExpression: conditions.join(' AND '),
      ExpressionAttributeValues: values,
      ReturnValues: 'ALL_NEW',
    };
    for (let tried = 1; ; tried++) {
      const answer = await table.update(update, tally);
      if (answer.ok) return shelfOf(updatedItem(answer));
      if (answer.name === 'ConditionalCheckFailedException') return null;
      if (answer.name !== 'TransactionConflictException' || tried === MOST_TRIES) {
        throw new DynamoDbFailure(answer.name, set, true);
      }
      await scheduler.wait(TRY_AGAIN_MS);
    }
  }

  /** Copies the oldest orders into rows of their own, then takes them off the shelf, until few are left on it. */
  async #cutOff(key: InventoryKey, id: string, grown: Shelf): Promise<void> {
    let shelf: Shelf | null = grown;
    do {
      this.#cutting.set(id, false);
      while (shelf && shelf.recent.length >= CUT_AT) {
        const oldest = shelf.recent.slice(0, Math.min(MOST_CUT, shelf.recent.length - KEPT));
        const rows = oldest.map((order) => rowOf(key, order));
        await this.#housekeeping.putAll(rows, newTally());
        // Null when another object has cut it.
        shelf = await this.#change(key, cutting(shelf, oldest), newTally(), this.#housekeeping);
      }
      // What a sale saw meanwhile may have come after the last cut, and no other sale may follow.
      if (this.#cutting.get(id)) shelf = await this.readShelf(key, newTally());
    } while (this.#cutting.get(id));
    this.#cutting.delete(id);
  }

  #inPartition(pk: string, after: string, tally: Tally, limit?: number) {
    const isAfter = after === '' ? '' : ' AND sk > :after';
    const query = {
      KeyConditionExpression: `pk = :pk${isAfter}`,
      ExpressionAttributeValues: itemOf({ ':pk': pk, ':after': after || undefined }),
    };
    return this.table.list(query, tally, limit);
  }
}

/** Takes the oldest orders off a shelf. What was asked for again stays known on it. */
function cutting({ cut, asked }: Shelf, oldest: readonly OrderRow[]): Change {
  // From the end to the beginning: so an emulator that removes one after the other takes the right ones, too.
  const places = Array.from(
    { length: 2 * oldest.length },
    (_, at) => `recent[${2 * oldest.length - 1 - at}]`,
  );
  const marked = oldest.map(({ op }) => op).filter((op) => asked.has(op));
  const keepMarked = marked.length > 0 ? ' ADD voids :marked DELETE asked :marked' : '';
  return {
    set: `REMOVE ${places.join(', ')} SET cut = :beyond${keepMarked}`,
    onlyIf: 'cut = :cut',
    values: {
      ...itemOf({ ':cut': cut, ':beyond': cut + oldest.length }),
      ...(marked.length > 0 ? { ':marked': { SS: marked } } : {}),
    },
  };
}
