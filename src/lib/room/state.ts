/** The state of a room: the log's facts, the people present, ops in flight, and what phones measured. */
import type { LedgerTotals } from '#lib/domain/ledger.ts';
import type { FullRoomState, Holding, RoomState } from '#lib/domain/room-state.ts';
import { holdingsOf, roomState, toldLedger } from '#lib/domain/view.ts';
import type { Live } from '#lib/domain/view.ts';
import type { Connections } from './connections.ts';
import { spellingIn } from './memory.ts';
import type { RoomMemory } from './memory.ts';
import { fullLedger } from './account.ts';

/** The state for frames, with the newest ledger that was told. */
export function stateOf(memory: RoomMemory, connections: Connections, nowMs: number): RoomState {
  return roomState(memory.facts, live(memory, connections, toldLedger(memory.facts), nowMs));
}

/** The state for calls, with the ledger's lines. */
export function fullStateOf(memory: RoomMemory, connections: Connections, nowMs: number): FullRoomState {
  return roomState(memory.facts, live(memory, connections, fullLedger(memory), nowMs));
}

/** Live figures. Also keeps the largest number of phones that were connected at once. */
function live<L extends LedgerTotals>(
  memory: RoomMemory,
  connections: Connections,
  ledger: L,
  nowMs: number,
): Live<L> {
  const people = connections.people();
  memory.mostPhones = Math.max(memory.mostPhones, people.phones);
  return {
    people: memory.facts.hold ? { ...people, practice: memory.practice } : people,
    nowMs,
    inFlight: memory.inFlight,
    latency: memory.latency,
    ledger,
    closesAt: memory.closesAt,
    own: memory.opening.simulated ? 'EMULATOR' : 'REAL ENGINE',
    guesses: memory.guesses.size,
  };
}

/** What somebody holds in this epoch, each op as its client spelled it. */
export function heldBy(memory: RoomMemory, label: string): Holding[] {
  return holdingsOf(memory.facts, label).map((held) => ({ ...held, op: spellingIn(memory, held.op) }));
}
