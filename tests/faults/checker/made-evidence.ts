/**
 * Evidence of a room that keeps every promise, made up from a seed: two lanes, people who come and go, resets. What a
 * checker finds in it is the checker's own mistake.
 */
import type { Evidence } from './evidence.ts';
import { MadeRoom } from './made-room.ts';

type Random = () => number;
const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

/** Makes evidence; `steps` things happen. */
export function makeEvidence(random: Random, steps = 120): Evidence {
  const room = new MadeRoom(20 + Math.floor(random() * 30));
  for (let step = 0; step < steps; step += 1) act(room, random);
  room.finish();
  const { events, clients, rows } = room;
  return {
    log: { events, end: { head: events.at(-1)?.hash ?? '', seq: events.length } },
    histories: clients.map(({ who, role, entries }) => ({ who, role, entries })),
    orders: rows,
  };
}

function act(room: MadeRoom, random: Random): void {
  const chance = random();
  const client = pick(random, room.clients);
  if (!client.connected) return room.connect(client);
  if (chance < 0.3) room.buySafe(client, 1 + Math.floor(random() * 3));
  else if (chance < 0.6) room.readEventual(client, 1 + Math.floor(random() * 3));
  else if (chance < 0.8) room.writeEventual(Math.floor(random() * 4));
  else if (chance < 0.95) room.frame(pick(random, ['presenter', 'participant'] as const));
  else if (chance < 0.99) client.connected = false;
  else room.reset();
}
