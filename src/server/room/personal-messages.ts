/**
 * What is told to one person alone, on every socket they have: answers to their ops, and what became of their units. An op
 * is spelled as its client did; in events it stands in its canonical form.
 */
import type { FateBody } from '#lib/domain/events.ts';
import type { OrderFact } from '#lib/domain/facts.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { duelOfFacts } from '#lib/domain/race-duel.ts';
import type { OpAnswer } from './allocate.ts';
import { say } from './inbox.ts';
import type { Members } from './members.ts';
import { spellingIn } from './memory.ts';
import type { RoomMemory } from './memory.ts';

/** Tells the answer to an op. */
export function sendAnswer(members: Members, label: string, answer: OpAnswer): void {
  const op = answer.sentOp ?? answer.op;
  for (const member of members.ofLabel(label)) {
    if (answer.kind === 'ack') {
      say(member, { t: 'ack', op, epoch: answer.epoch, lanes: answer.lanes });
    } else {
      say(member, { t: 'nack', op, ...answer.refusal });
    }
  }
}

/** Tells that an op was erased, and in which duel where that is known, or that it is back. */
export function sendFate(
  members: Members,
  memory: RoomMemory,
  fate: 'lost' | 'restored',
  { op, lane, who, by, byWho, units }: FateBody,
): void {
  const duel = fate === 'lost' ? duelOfFacts(memory.facts.lanes[lane], op, by) : null;
  for (const member of members.ofLabel(who)) {
    const numbers = duel ? { duel } : {};
    say(member, { t: 'fate', op: spellingIn(memory, op), lane, fate, by: byWho, units, ...numbers });
  }
}

/** Tells how many hold the same ticket. */
export function sendClaims(
  members: Members,
  memory: RoomMemory,
  lane: LaneId,
  orders: readonly OrderFact[],
): void {
  for (const { op, who, holders } of orders) {
    const spelled = spellingIn(memory, op);
    for (const member of members.ofLabel(who)) say(member, { t: 'claim', op: spelled, lane, holders });
  }
}
