/**
 * What presenters' screens say to one another: which product the stage shows, its code, whether it is dark. It is no event
 * and no state: nothing is stored, and a room that slept has nothing to remember, because a stage says by itself how it
 * stands whenever it is asked. So a phone reaches the projector without sharing a browser with it.
 */
import type { UpOf } from '#lib/protocol/up.ts';
import { say } from './inbox.ts';
import type { Member, Members } from './members.ts';

/** Hands a presenter's word on to every other presenter's socket of this room; never to a phone. */
export function relay(from: Member, members: Members, message: UpOf<'stage'>): void {
  for (const member of members.ofRole('presenter')) {
    if (member !== from && !member.closing) say(member, message);
  }
}
