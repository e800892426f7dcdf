/** Applies a session's renewal or logout in a room, and to its open sockets. */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { closeConnection } from '#lib/room/connections.ts';
import type { Connections } from '#lib/room/connections.ts';

/** The session's sockets live until `expiresAt`, Unix milliseconds. */
export function renewSockets(connections: Connections, sessionId: string, expiresAt: number): void {
  for (const connection of connections.all()) {
    if (connection.caller.sessionId !== sessionId) continue;
    connection.caller = { ...connection.caller, expiresAt };
    connection.socket.setState?.(connection.caller);
  }
}

/** The session has logged out. */
export function signOut(connections: Connections, sessionId: string): void {
  for (const connection of [...connections.all()]) {
    if (connection.caller.sessionId === sessionId)
      closeConnection(connection, CLOSE.unauthorized, 'signed out');
  }
}
