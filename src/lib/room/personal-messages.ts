/**
 * Personal messages, sent to every socket of one label: answers to ops, fates and claims. They spell an op as its client did;
 * events have its canonical form.
 */
import type { FateBody } from '#lib/domain/events.ts';
import type { OrderFact } from '#lib/domain/facts.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { duelOfFacts } from '#lib/domain/race-duel.ts';
import type { OpAnswer } from './allocate.ts';
import { say } from './inbox.ts';
import type { Connections } from './connections.ts';
import { spellingIn } from './memory.ts';
import type { RoomMemory } from './memory.ts';

/** Sends the answer to an op. */
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

/** Sends that an op was lost, with its duel if known, or restored. */
export function sendFate(
  connections: Connections,
  memory: RoomMemory,
  fate: 'lost' | 'restored',
  { op, lane, who, by, byWho, units }: FateBody,
): void {
  const duel = fate === 'lost' ? duelOfFacts(ofLane(memory.facts.lanes, lane), op, by) : null;
  for (const connection of connections.ofLabel(who)) {
    const numbers = duel ? { duel } : {};
    say(connection, { t: 'fate', op: spellingIn(memory, op), lane, fate, by: byWho, units, ...numbers });
  }
}

/** Sends how many ops have one of the same unit numbers. */
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
