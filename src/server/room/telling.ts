/**
 * What is told to one person alone, on every socket they have: answers to their ops, and what became of their units. An op
 * is spelled as its client did; in events it stands in its canonical form.
 */
import type { FateBody } from '#lib/domain/events.ts';
import type { OrderFact } from '#lib/domain/facts.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { Duel } from '#lib/domain/race-duel.ts';
import type { OpAnswer } from './buying.ts';
import { say } from './inbox.ts';
import type { Members } from './members.ts';

/** How an op's client spelled it. */
type Spelling = (op: string) => string;

/** Tells the answer to an op. */
export function tellAnswer(members: Members, label: string, answer: OpAnswer): void {
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
export function tellFate(
  members: Members,
  kind: 'lost' | 'restored',
  { op, lane, who, byWho, units }: FateBody,
  spell: Spelling,
  duel: Duel | null,
): void {
  const numbers = duel ? { duel } : {};
  for (const member of members.ofLabel(who)) {
    say(member, { t: 'fate', op: spell(op), lane, fate: kind, by: byWho, units, ...numbers });
  }
}

/** Tells how many hold the same ticket. */
export function tellClaims(
  members: Members,
  lane: LaneId,
  orders: readonly OrderFact[],
  spell: Spelling,
): void {
  for (const { op, who, holders } of orders) {
    for (const member of members.ofLabel(who)) say(member, { t: 'claim', op: spell(op), lane, holders });
  }
}
