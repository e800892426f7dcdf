/** What becomes of a session's open sockets when the session does: it was renewed elsewhere, or has logged out. */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { closeMember } from './members.ts';
import type { Members } from './members.ts';

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
