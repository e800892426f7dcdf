/**
 * A shelf in DynamoDB. One UpdateItem changes one item, so an order that is to be written together with the shelf is written into
 * the shelf: `recent` lists the newest orders, each op followed by what is told of its order. Its place in the list is its version:
 * every sale makes one version and adds one order. An item holds 400 kB, and a write costs by its size, so the oldest are
 * copied into rows of their own and cut off (rows.ts). `cut` is the newest version that is no longer listed.
 *
 * An op is sold once: that the list does not have it is part of each sale's condition. What was cut is told by its row, which no
 * condition on the shelf can see; so whoever asks for an op again first marks it in `asked`, then looks for it. A marked op that is
 * cut goes into `voids`, for which nothing can be written. A call that comes after another one of its op therefore finds the
 * order in the list, in `voids`, or (when it was cut before the mark) in its row. Both sets hold only what was asked for twice.
 */
import * as v from 'valibot';
import type { Buyer, InventoryKey, OrderRow, OrdersKey } from '../../lanes/engine-rows.ts';
import { flag, itemOf, text, texts, whole } from './items.ts';
import type { Item } from './items.ts';

/** What a sale tells of its order. What a blind write had read is told by its writer, else by the order's place in the list. */
export type Sale = Pick<OrderRow, 'op' | 'who' | 'units' | 'readAtMs' | 'wroteAtMs'> &
  Partial<Pick<OrderRow, 'parentVersion' | 'readAllocated' | 'wroteAllocated'>>;

/** A shelf as it stood at one moment. */
export interface Shelf {
  epoch: number;
  allocated: number;
  capacity: number;
  version: number;
  fenced: boolean;
  cut: number;
  /** The orders after `cut`, oldest first. */
  recent: readonly OrderRow[];
  /** Ops that were asked for again, and are not void. */
  asked: ReadonlySet<string>;
  /** Ops that nothing can be written for any more. */
  voids: ReadonlySet<string>;
}

const soldItem = v.object({
  who: text,
  units: whole,
  readAtMs: whole,
  wroteAtMs: whole,
  parentVersion: v.optional(whole),
  readAllocated: v.optional(whole),
  wroteAllocated: v.optional(whole),
});
const shelfItem = v.object({
  sk: v.pipe(text, v.transform(Number), v.safeInteger()),
  capacity: whole,
  remaining: whole,
  version: whole,
  cut: whole,
  fenced: flag,
  recent: v.object({
    L: v.array(
      v.union([
        text,
        v.pipe(
          v.object({ M: soldItem }),
          v.transform(({ M }) => M),
        ),
      ]),
    ),
  }),
  asked: v.optional(texts, () => ({ SS: [] })),
  voids: v.optional(texts, () => ({ SS: [] })),
});
const rowItem = v.object({ sk: text, epoch: whole, version: v.optional(whole), ...soldItem.entries });

/** The key of an epoch's shelf. */
export function shelfKey(key: InventoryKey): Item {
  return itemOf({ pk: shelvesOf(key), sk: String(key.epoch) });
}

/** The key of an op's order row. */
export function rowKey(key: OrdersKey, op: string): Item {
  return itemOf({ pk: rowsOf(key), sk: op });
}

/** Where the shelves of all epochs lie. */
export function shelvesOf({ show, sku, lane }: OrdersKey): string {
  return `${show}/${sku}/${lane}/shelves`;
}

/** Where the order rows of all epochs lie, in the order of their ops. */
export function rowsOf({ show, sku, lane }: OrdersKey): string {
  return `${show}/${sku}/${lane}/orders`;
}

/** An untouched shelf. DynamoDB compares with what is stored and adds nothing up, so it is told what remains. */
export function untouchedShelf(key: InventoryKey, capacity: number): Item {
  const values = { capacity, remaining: capacity, version: 0, cut: 0, fenced: false };
  return { ...shelfKey(key), ...itemOf(values), recent: { L: [] } };
}

/** A sale whose statement reads and writes at one moment: the lanes that are exact tell no reading of their own. */
export function saleNow({ op, who, units }: Buyer): Sale {
  const nowMs = Date.now();
  return { op, who, units, readAtMs: nowMs, wroteAtMs: nowMs };
}

/** The two members of the list that tell an order. */
export function listed({ op, ...sold }: Sale): { L: [{ S: string }, { M: Item }] } {
  return { L: [{ S: op }, { M: itemOf(sold) }] };
}

/** Reads a shelf. */
export function shelfOf(stored: unknown): Shelf {
  const { sk: epoch, capacity, remaining, recent, ...shelf } = v.parse(shelfItem, stored);
  const allocated = capacity - remaining;
  const orders: OrderRow[] = [];
  const told = { epoch, version: shelf.version, wroteAllocated: allocated };
  for (let at = recent.L.length - 1; at > 0; at -= 2) {
    const [op, sold] = [recent.L[at - 1], recent.L[at]];
    if (typeof op !== 'string' || typeof sold !== 'object')
      throw new Error('a shelf lists an op before each order');
    const readAllocated = told.wroteAllocated - sold.units;
    const row = { op, ...told, parentVersion: told.version - 1, readAllocated, ...given(sold) };
    orders.push(row);
    told.version -= 1;
    told.wroteAllocated = row.readAllocated;
  }
  return { ...shelf, epoch, allocated, capacity, recent: orders.reverse() };
}

/** Reads an order row; null while its version stands on the shelf alone. */
export function orderOf(stored: unknown): OrderRow | null {
  const { sk: op, version, ...rest } = v.parse(rowItem, stored);
  const { parentVersion, readAllocated, wroteAllocated } = rest;
  if (version === undefined) return null;
  if (parentVersion === undefined || readAllocated === undefined || wroteAllocated === undefined) {
    throw new Error('an order row with a version tells what was read and written');
  }
  return { ...rest, op, version, parentVersion, readAllocated, wroteAllocated };
}

/** The item of an order row. */
export function rowOf(key: OrdersKey, { op, ...row }: Sale & { epoch: number }): Item {
  return { ...rowKey(key, op), ...itemOf(row) };
}

/** Without what is not told: an optional field that is undefined would hide what the list tells. */
function given(sold: v.InferOutput<typeof soldItem>): Omit<Sale, 'op'> {
  const { who, units, readAtMs, wroteAtMs, parentVersion, readAllocated, wroteAllocated } = sold;
  const read =
    parentVersion === undefined || readAllocated === undefined || wroteAllocated === undefined
      ? {}
      : { parentVersion, readAllocated, wroteAllocated };
  return { who, units, readAtMs, wroteAtMs, ...read };
}
