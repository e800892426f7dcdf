/** The first event of a room: what is sold, by which rules, at which prices. */
import type { NamedEngine } from '#lib/domain/engines.ts';
import type { ByLane, LaneId } from '#lib/domain/lane.ts';
import { FIRST_LANE, PAIR } from '#lib/domain/lanes.ts';
import { pricesUsd } from '#lib/domain/ledger.ts';
import { PRICES_READ_ON } from '#lib/domain/prices.ts';
import { roomName } from '#lib/protocol/paths.ts';
import type { Lane } from './lane.ts';
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
export function appendOpened(tx: Transaction, bound: ReadonlyMap<LaneId, Lane>): void {
  const { opening, facts } = tx.memory;
  if (facts.opened) return;
  const { lanes = PAIR } = opening;
  const engines = enginesOf(lanes, bound);
  tx.append({
    kind: 'opened',
    body: {
      room: roomName(opening.show, opening.sku.id),
      show: opening.show,
      sku: opening.sku,
      mode: opening.mode ?? lanes[0] ?? FIRST_LANE,
      step: opening.step ?? 1,
      lanes,
      ...(Object.keys(engines).length > 0 ? { engines } : {}),
      config: opening.config,
      prices: pricesUsd(),
      pricesReadOn: PRICES_READ_ON,
    },
  });
}

/** The engines of some lanes, where they are not the platform's own. */
function enginesOf(lanes: readonly LaneId[], bound: ReadonlyMap<LaneId, Lane>): ByLane<NamedEngine> {
  const engines: ByLane<NamedEngine> = {};
  for (const id of lanes) {
    const lane = bound.get(id);
    if (lane?.answers === 'later' && lane.engine) engines[id] = lane.engine;
  }
  return engines;
}
