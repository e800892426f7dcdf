/** The rows of a lane in Firestore: a document for each shelf and one for each order, below one for the room's lane. */
import * as v from 'valibot';
import type { Buyer, EngineRows, InventoryKey, OrderRow, OrdersKey, Tally } from '../../lanes/engine-rows.ts';
import { counted, newTally, ROWS_AT_ONCE, VERSIONS_AN_EPOCH, voidRow } from '../../lanes/engine-rows.ts';
import { count, orderFields } from '../order-fields.ts';
import { fieldsOf, FirestoreFailure, valueOf } from './api.ts';
import type { Document, FirestoreApi, Write } from './api.ts';

const shelfFields = v.object({ allocated: count, capacity: count, version: count, fenced: v.boolean() });

/** A shelf, and what names this very state of it. */
export interface Shelf extends v.InferOutput<typeof shelfFields> {
  updateTime: string;
}

/** The order rows and shelves of a lane in Firestore. */
export class FirestoreRows implements EngineRows {
  readonly api: FirestoreApi;

  constructor(api: FirestoreApi) {
    this.api = api;
  }

  async stock(key: InventoryKey, capacity: number, tally: Tally): Promise<void> {
    const fields = fieldsOf({ allocated: 0, capacity, version: 0, fenced: false });
    const create: Write = {
      update: { name: this.#shelfName(key), fields },
      currentDocument: { exists: false },
    };
    await this.#commit([create], ['ALREADY_EXISTS', 'FAILED_PRECONDITION'], tally);
  }

  async fence(key: InventoryKey, capacity: number, tally: Tally): Promise<void> {
    const fields = fieldsOf({ fenced: true });
    const fence: Write = {
      update: { name: this.#shelfName(key), fields },
      updateMask: { fieldPaths: ['fenced'] },
      currentDocument: { exists: true },
    };
    await this.#commit([fence], ['NOT_FOUND', 'FAILED_PRECONDITION'], tally);
    await this.stock({ ...key, epoch: key.epoch + 1 }, capacity, tally);
  }

  async readOrder(key: OrdersKey, op: string, tally: Tally): Promise<OrderRow | null> {
    const found = await this.api.read(this.#orderName(key, op), tally);
    return found && orderOf(found);
  }

  async voidOrder(key: InventoryKey, buyer: Buyer, tally: Tally): Promise<void> {
    const create = this.newOrder(key, voidRow(key.epoch, buyer));
    await this.#commit([create], ['ALREADY_EXISTS', 'FAILED_PRECONDITION'], tally);
  }

  async dropVoid(key: InventoryKey, op: string, tally: Tally): Promise<void> {
    const name = this.#orderName(key, op);
    const found = await this.api.read(name, tally);
    const row = found && orderOf(found);
    if (!row || row.version !== 0 || row.epoch >= key.epoch) return;
    const drop: Write = { delete: name, currentDocument: { updateTime: found.updateTime } };
    await this.#commit([drop], ['NOT_FOUND', 'FAILED_PRECONDITION'], tally);
  }

  async ordersAfter(key: InventoryKey, version: number, tally: Tally): Promise<OrderRow[]> {
    const first = key.epoch * VERSIONS_AN_EPOCH;
    const query = {
      from: [{ collectionId: 'orders' }],
      where: {
        compositeFilter: {
          op: 'AND',
          filters: [
            placeFilter('GREATER_THAN', first + version),
            placeFilter('LESS_THAN', first + VERSIONS_AN_EPOCH),
          ],
        },
      },
      orderBy: [{ field: { fieldPath: 'place' } }],
    };
    return (await this.api.query(this.#room(key), query, tally)).map(orderOf);
  }

  async rowsBehind(key: OrdersKey, op: string, tally: Tally) {
    const startAt = { values: [{ referenceValue: this.#orderName(key, op) }], before: false };
    const found = await this.#page(key, 'orders', op === '' ? {} : { startAt }, tally);
    return { rows: found.map(orderOf).map(counted), isLast: found.length < ROWS_AT_ONCE };
  }

  async counter(key: InventoryKey, tally: Tally) {
    const shelf = await this.readShelf(key, tally);
    return shelf && { allocated: shelf.allocated, version: shelf.version };
  }

  /** The shelf as it stands; null when it was never stocked. */
  async readShelf(key: InventoryKey, tally: Tally): Promise<Shelf | null> {
    const found = await this.api.read(this.#shelfName(key), tally);
    return found && { ...v.parse(shelfFields, found.fields), updateTime: found.updateTime };
  }

  /** The write that takes units off a shelf, which has to be as it was read. */
  soldShelf(key: InventoryKey, allocated: number, version: number, updateTime: string): Write {
    return {
      update: { name: this.#shelfName(key), fields: fieldsOf({ allocated, version }) },
      updateMask: { fieldPaths: ['allocated', 'version'] },
      currentDocument: { updateTime },
    };
  }

  /** The write of an order row, which must not be there. */
  newOrder(key: OrdersKey, { op, ...row }: OrderRow): Write {
    const place = row.epoch * VERSIONS_AN_EPOCH + row.version;
    return {
      update: { name: this.#orderName(key, op), fields: fieldsOf({ ...row, place }) },
      currentDocument: { exists: false },
    };
  }

  /** Deletes everything of a room's lane. */
  async forget(key: OrdersKey): Promise<void> {
    const tally = newTally();
    for (const collection of ['orders', 'shelves']) {
      for (;;) {
        const found = await this.#page(key, collection, {}, tally);
        if (found.length === 0) break;
        await this.#commit(
          found.map(({ name }) => ({ delete: name })),
          [],
          tally,
        );
      }
    }
  }

  #page(key: OrdersKey, collectionId: string, more: object, tally: Tally): Promise<Document[]> {
    const orderBy = [{ field: { fieldPath: '__name__' } }];
    const query = { from: [{ collectionId }], orderBy, limit: ROWS_AT_ONCE, ...more };
    return this.api.query(this.#room(key), query, tally);
  }

  async #commit(writes: readonly Write[], fine: readonly string[], tally: Tally): Promise<void> {
    const said = await this.api.commit(writes, tally);
    if (said !== 'done' && !fine.includes(said)) throw new FirestoreFailure(said, 'commit');
  }

  #room({ show, sku, lane }: OrdersKey): string {
    return `${this.api.documents}/revenue-guard-live/${show}.${sku}.${lane}`;
  }

  #shelfName(key: InventoryKey): string {
    return `${this.#room(key)}/shelves/${key.epoch}`;
  }

  #orderName(key: OrdersKey, op: string): string {
    return `${this.#room(key)}/orders/${op}`;
  }
}

function placeFilter(op: 'GREATER_THAN' | 'LESS_THAN', place: number) {
  return { fieldFilter: { field: { fieldPath: 'place' }, op, value: valueOf(place) } };
}

function orderOf({ name, fields }: Document): OrderRow {
  return { op: name.slice(name.lastIndexOf('/') + 1), ...v.parse(orderFields, fields) };
}
