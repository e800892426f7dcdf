/** The first event of a room: what is sold, by which rules, at which prices. */
import { FIRST_LANE, PAIR } from '#lib/domain/lanes.ts';
import { pricesUsd } from '#lib/domain/ledger.ts';
import { PRICES_READ_ON } from '#lib/domain/prices.ts';
import { roomName } from '#lib/protocol/paths.ts';
import { fullGauges } from './memory.ts';
import type { RoomMemory } from './memory.ts';
import type { Tables } from './tables.ts';
import type { Transaction } from './transaction.ts';

/** Stores the opening. The first event follows at once, or at the next wake. */
export function storeOpening(tables: Tables, memory: RoomMemory, nowMs: number): void {
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
  const { lanes = PAIR } = opening;
  tx.append({
    kind: 'opened',
    body: {
      room: roomName(opening.show, opening.sku.id),
      show: opening.show,
      sku: opening.sku,
      mode: opening.mode ?? lanes[0] ?? FIRST_LANE,
      step: opening.step ?? 1,
      lanes,
      config: opening.config,
      prices: pricesUsd(),
      pricesReadOn: PRICES_READ_ON,
    },
  });
}
