/** What screens say to a rehearsal room, parsed as the live room parses it: one JSON object per text frame. */
import type { Up } from '#lib/protocol/up.ts';
import { parseUp } from '#lib/protocol/up.ts';
import type { Down } from '#lib/protocol/down.ts';
import type { Member } from './feed.ts';
import { MESSAGE } from './metered.ts';
import type { Room } from './room.ts';

/** Resets a room if the limit allows it; calls back with the refusal, or null when it is done. */
export type ResetByMessage = (
  key: string,
  done: (refusal: Omit<Extract<Down, { t: 'nack' }>, 't' | 'op'> | null) => void,
) => void;

/** Takes one text frame of a screen. */
export function receive(room: Room, member: Member, text: string, reset: ResetByMessage): void {
  if (text === 'ping') return member.hear('pong');
  room.books.count(MESSAGE);
  const parsed = parseUp(text);
  if (!parsed.ok) return say(member, { t: 'nack', ...parsed.malformed });
  const { message } = parsed;
  switch (message.t) {
    case 'allocate':
      return allocate(room, member, message);
    case 'seen':
      if (!message.rtt) return;
      room.measured(member, message.rtt.op, message.rtt.lanes);
      return room.changed();
    case 'recovered': {
      const { drill, waitedMs, ms, missing } = message;
      return room.recovered(drill, { who: member.label, waitedMs, ms, missing });
    }
    case 'guess': {
      const taken = room.guesses.answer(member, message);
      if ('code' in taken) return say(member, { t: 'nack', ...taken });
      room.changed();
      return room.tell(member.label, { t: 'guessed', ...taken });
    }
    case 'stage':
      return relay(room, member, message);
    default:
      return present(room, member, message, reset);
  }
}

function allocate(room: Room, member: Member, message: Extract<Up, { t: 'allocate' }>): void {
  const { sessionId, label, role } = member;
  const { op, units = 1, epoch, mode = null, rtt } = message;
  if (rtt) room.measured(member, rtt.op, rtt.lanes);
  const request = { op, owner: sessionId, label, role, units, epoch, mode, sim: false };
  room.buy(request, (answer) => room.tellAnswer(label, answer));
}

/** What one screen of the presenter says of the stage goes to all of the others, and is kept nowhere. */
function relay(room: Room, member: Member, message: Extract<Up, { t: 'stage' }>): void {
  if (member.role !== 'presenter') return forbid(member);
  for (const other of room.feed.members) {
    if (other !== member && other.role === 'presenter') say(other, message);
  }
}

function present(room: Room, member: Member, message: Up, reset: ResetByMessage): void {
  const op = message.t === 'reset' ? { op: message.op } : {};
  if (member.role !== 'presenter') return forbid(member, op);
  switch (message.t) {
    case 'control':
      return room.control(member.label, message);
    case 'guardrail':
      return room.guardrail(message.action);
    case 'ask': {
      const refusal = room.guesses.ask(member.label, message);
      if (refusal) return say(member, { t: 'nack', ...refusal });
      return room.changed();
    }
    case 'reset':
      return reset(message.op, (refusal) => {
        if (refusal) say(member, { t: 'nack', ...op, ...refusal });
      });
    case 'drill':
      if (message.kind === 'drop') return room.drill(member.label);
      return refuse(member, 'A rehearsal has no room that falls asleep: this drill is for the live show.');
    default:
      return refuse(member, 'A rehearsal does not do this. It is for the live show.');
  }
}

function forbid(member: Member, op: { op?: string } = {}): void {
  say(member, { t: 'nack', ...op, code: 'FORBIDDEN', message: 'Only the presenter may do this.' });
}

function refuse(member: Member, message: string): void {
  say(member, { t: 'nack', code: 'INVALID_REQUEST', message });
}

function say(member: Member, message: Down): void {
  member.hear(JSON.stringify(message));
}
