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
import type { Connections } from './connections.ts';
import { spellingIn } from './memory.ts';
import type { RoomMemory } from './memory.ts';

/** Tells the answer to an op. */
export function sendAnswer(connections: Connections, label: string, answer: OpAnswer): void {
  const op = answer.sentOp ?? answer.op;
  for (const connection of connections.ofLabel(label)) {
    if (answer.kind === 'ack') {
      say(connection, { t: 'ack', op, epoch: answer.epoch, lanes: answer.lanes });
    } else {
      say(connection, { t: 'nack', op, ...answer.refusal });
    }
  }
}

/** Tells that an op was erased, and in which duel where that is known, or that it is back. */
export function sendFate(
  connections: Connections,
  memory: RoomMemory,
  fate: 'lost' | 'restored',
  { op, lane, who, by, byWho, units }: FateBody,
): void {
  const duel = fate === 'lost' ? duelOfFacts(memory.facts.lanes[lane], op, by) : null;
  for (const connection of connections.ofLabel(who)) {
    const numbers = duel ? { duel } : {};
    say(connection, { t: 'fate', op: spellingIn(memory, op), lane, fate, by: byWho, units, ...numbers });
  }
}

/** Tells how many hold the same ticket. */
export function sendClaims(
  connections: Connections,
  memory: RoomMemory,
  lane: LaneId,
  orders: readonly OrderFact[],
): void {
  for (const { op, who, holders } of orders) {
    const spelled = spellingIn(memory, op);
    for (const connection of connections.ofLabel(who))
      say(connection, { t: 'claim', op: spelled, lane, holders });
  }
}
