/** The state of a room: the log's facts, the people present, ops in flight, and what phones measured. */
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId, LaneResult } from '#lib/domain/lane.ts';
import type { LedgerTotals } from '#lib/domain/ledger.ts';
import type { FullRoomState, RoomState } from '#lib/domain/room-state.ts';
import { roomState, toldLedger } from '#lib/domain/view.ts';
import type { Live } from '#lib/domain/view.ts';
import type { Connections } from './connections.ts';
import type { RoomMemory } from './memory.ts';
import { fullLedger } from './money.ts';

/** The state for frames, with the newest ledger that was told. */
export function stateOf(memory: RoomMemory, connections: Connections): RoomState {
  return roomState(memory.facts, live(memory, connections, toldLedger(memory.facts)));
}

/** The state for calls, with the ledger's lines. */
export function fullStateOf(memory: RoomMemory, connections: Connections): FullRoomState {
  return roomState(memory.facts, live(memory, connections, fullLedger(memory)));
}

/** Live figures. Also keeps the largest number of phones that were connected at once. */
function live<L extends LedgerTotals>(memory: RoomMemory, connections: Connections, ledger: L): Live<L> {
  const people = connections.people();
  memory.mostPhones = Math.max(memory.mostPhones, people.phones);
  return {
    people,
    inFlight: inFlight(memory),
    latency: memory.latency,
    ledger,
    closesAt: memory.closesAt,
    guesses: memory.guesses.size,
  };
}

/** Ops in flight on each lane. */
function inFlight(memory: RoomMemory): Record<LaneId, number> {
  const counts = Object.fromEntries(LANE_IDS.map((lane) => [lane, 0])) as Record<LaneId, number>;
  for (const { lanes: results } of memory.pending.values()) {
    for (const [lane, result] of Object.entries(results) as [LaneId, LaneResult][]) {
      if (result.status === 'pending') counts[lane] += 1;
    }
  }
  return counts;
}
