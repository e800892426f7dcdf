/** The first event of a room: what is sold, by which rules, at which prices. */
import type { LaneId } from '#lib/domain/lane.ts';
import { FIRST_LANE, PAIR } from '#lib/domain/lanes.ts';
import { pricesUsd } from '#lib/domain/ledger.ts';
import { PRICES_READ_ON } from '#lib/domain/prices.ts';
import { roomName } from '#lib/protocol/paths.ts';
import type { Lane } from '../lanes/lane.ts';
import type { RoomTables } from '../storage/room-tables.ts';
import { fullGauges, newMemory } from './memory.ts';
import type { RoomMemory } from './memory.ts';
import type { Opening } from './room-rpc.ts';
import type { Transaction } from './transaction.ts';

/** Stores the stock of lanes that keep it elsewhere, and makes the memory of a new room. */
export async function stockedMemory(
  opening: Opening,
  lanes: ReadonlyMap<LaneId, Lane>,
  nowMs: number,
): Promise<RoomMemory> {
  const { show, sku } = opening;
  const memory = newMemory(opening, nowMs);
  memory.meters.count('do.request');
  for (const lane of lanes.values()) {
    if (lane.answers !== 'later') continue;
    memory.meters.add(await lane.open({ show, sku: sku.id, epoch: 1, capacity: sku.capacity }));
  }
  return memory;
}

/** Stores the opening. The first event follows at once, or at the next wake. */
export function storeOpening(tables: RoomTables, memory: RoomMemory, nowMs: number): void {
  tables.atomically(() => {
    tables.writeFact('opening', JSON.stringify(memory.opening));
    tables.writeFact('closesAt', String(memory.closesAt));
    tables.writeGauges('full', fullGauges(memory, memory.told, { nowMs, steadyMs: nowMs }));
  });
}

/** Writes the `opened` event. */
export function appendOpened(tx: Transaction): void {
  const { opening, facts } = tx.memory;
  if (facts.opened) return;
  tx.append({
    kind: 'opened',
    body: {
      room: roomName(opening.show, opening.sku.id),
      show: opening.show,
      sku: opening.sku,
      mode: FIRST_LANE,
      step: 1,
      lanes: PAIR,
      config: opening.config,
      prices: pricesUsd(),
      pricesReadOn: PRICES_READ_ON,
    },
  });
}
