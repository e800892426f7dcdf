/** Applies a session's renewal or logout in a room, and to its open sockets. */
import type { Refusal } from '#lib/domain/codes.ts';
import type { Holding } from '#lib/domain/room-state.ts';
import { holdingsOf } from '#lib/domain/view.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { closeConnection } from './connections.ts';
import type { Connections } from './connections.ts';
import { spellingIn } from './memory.ts';
import type { RoomMemory } from './memory.ts';

/** Why a session may not act in a room; null when it may. */
export function barred({ revoked }: RoomMemory, sessionId: string): Refusal | null {
  if (!revoked.has(sessionId)) return null;
  return { code: 'UNAUTHORIZED', message: 'This session has logged out.' };
}

/** The session's sockets live until `expiresAt`, Unix milliseconds. */
export function renewSockets(connections: Connections, sessionId: string, expiresAt: number): void {
  for (const connection of connections.all()) {
    if (connection.caller.sessionId !== sessionId) continue;
    connection.caller = { ...connection.caller, expiresAt };
    connection.socket.setState(connection.caller);
  }
}

/** The session has logged out. */
export function signOut(connections: Connections, sessionId: string): void {
  for (const connection of [...connections.all()]) {
    if (connection.caller.sessionId === sessionId)
      closeConnection(connection, CLOSE.unauthorized, 'signed out');
  }
}

/** What somebody holds in this epoch, each op as its client spelled it. */
export function heldBy(memory: RoomMemory, label: string): Holding[] {
  return holdingsOf(memory.facts, label).map((held) => ({ ...held, op: spellingIn(memory, held.op) }));
}
