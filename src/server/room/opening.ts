/** The first event of a room: what is sold, by which rules, at which prices. */
import { LANE_IDS } from '#lib/domain/lane.ts';
import { pricesUsd } from '#lib/domain/ledger.ts';
import { PRICES_READ_ON } from '#lib/domain/prices.ts';
import { roomName } from '#lib/protocol/paths.ts';
import type { RoomTables } from '../storage/room-tables.ts';
import { fullGauges } from './memory.ts';
import type { RoomMemory } from './memory.ts';
import type { Turn } from './turn.ts';

/** Stores that the room is open. Its first event follows at once, or when it next wakes. */
export function storeOpening(tables: RoomTables, memory: RoomMemory, nowMs: number): void {
  tables.atomically(() => {
    tables.writeFact('opening', JSON.stringify(memory.opening));
    tables.writeFact('closesAt', String(memory.closesAt));
    tables.writeGauges('full', fullGauges(memory, memory.told, nowMs));
  });
}

/** Tells the first event. */
export function tellOpened(turn: Turn): void {
  const { opening, facts } = turn.memory;
  if (facts.opened) return;
  turn.tell({
    kind: 'opened',
    body: {
      room: roomName(opening.show, opening.sku.id),
      show: opening.show,
      sku: opening.sku,
      mode: 'safe',
      step: 1,
      lanes: LANE_IDS,
      config: opening.config,
      prices: pricesUsd(),
      pricesReadOn: PRICES_READ_ON,
    },
  });
}
