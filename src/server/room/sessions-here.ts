/** What becomes of a session in a room: it was renewed elsewhere, or has logged out, and its open sockets with it. */
import type { Refusal } from '#lib/domain/codes.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { closeMember } from './members.ts';
import type { Members } from './members.ts';
import type { RoomMemory } from './memory.ts';

/** Why a session may not act in a room; null when it may. */
export function barred({ revoked }: RoomMemory, sessionId: string): Refusal | null {
  if (!revoked.has(sessionId)) return null;
  return { code: 'UNAUTHORIZED', message: 'This session has logged out.' };
}

/** The session's sockets live until `expiresAt`, Unix milliseconds. */
export function renewSockets(members: Members, sessionId: string, expiresAt: number): void {
  for (const member of members.all()) {
    if (member.caller.sessionId !== sessionId) continue;
    member.caller = { ...member.caller, expiresAt };
    member.socket.setState(member.caller);
  }
}

/** The session has logged out. */
export function signOut(members: Members, sessionId: string): void {
  for (const member of [...members.all()]) {
    if (member.caller.sessionId === sessionId) closeMember(member, CLOSE.unauthorized, 'signed out');
  }
}
