/** The keys of a room's lane in Redis. */
import type { InventoryKey, OrdersKey } from '../../lanes/engine-rows.ts';

/** The four keys that every script has, in the order in which it knows them. */
export function keysOf(key: OrdersKey): [shelves: string, orders: string, ops: string, versions: string] {
  const room = roomOf(key);
  return [`${room}:shelves`, `${room}:orders`, `${room}:ops`, `${room}:versions`];
}

/** The lock on an epoch's shelf. */
export function lockOf(key: InventoryKey): string {
  return `${roomOf(key)}:lock:${key.epoch}`;
}

/** With a hash tag: what stands in braces says on which node of a cluster a key lies. */
function roomOf({ show, sku, lane }: OrdersKey): string {
  return `revenue-guard-live:{${show}/${sku}/${lane}}`;
}
