/** A kill in the middle of it all, and what it did. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { ofLane } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { allAnswered, Hammering } from './crowd.ts';
import type { Host } from './host.ts';
import type { Phone } from './phone.ts';
import { between } from './chance.ts';
import { until } from './until.ts';

const ANSWERED_WITHIN_MS = 30_000;

/** A room with its people. */
export interface Peopled {
  skuId: string;
  stage: Phone;
  phones: Phone[];
}

/** What one kill did. */
export interface Kill {
  /** From the start of the new process to its first answer. */
  serverMs: number;
  /** From then until every room has greeted somebody. */
  roomsMs: number;
  /** From then until every op of before the kill has its final answer. */
  answeredMs: number;
  /** Ops that had no answer when it came, and those of them that were done, and whose answer was killed. */
  unanswered: number;
  doneUnheard: number;
  /** Ops of before that were asked about anew, and answered as before. */
  askedAnew: number;
}

/** Everybody in these rooms. */
export function everybodyIn(rooms: readonly Peopled[]): Phone[] {
  return rooms.flatMap(({ stage, phones }) => [stage, ...phones]);
}

/** Lets everybody hammer, kills the server in the middle of it, starts it again, and waits for every answer. */
export async function killOnce(
  host: Host,
  rooms: readonly Peopled[],
  tapsPerSecond: number,
  random: () => number,
): Promise<Kill> {
  const hammering = new Hammering(
    rooms.flatMap(({ phones }) => phones),
    tapsPerSecond,
    random,
  );
  await pause(between(random, 500, 1_500));
  const killedAt = Date.now();
  await host.kill();
  hammering.stop();
  const before = rooms.map(({ stage }) => ({ welcome: stage.welcome!, state: stage.stream.state! }));
  const unanswered = rooms.map(({ phones }) => phones.flatMap(({ outbox }) => [...outbox.keys()]));

  const began = performance.now();
  await host.start();
  const serverMs = performance.now() - began;
  const upAt = performance.now();
  // The phones come back at the same moment, and ask about ops that the rooms may still have under way.
  const back = rooms.flatMap(({ phones }) => phones.map((phone) => phone.comeBack()));
  await Promise.all(rooms.map(({ stage }) => stage.comeBack()));
  const roomsMs = performance.now() - upAt;

  let doneUnheard = 0;
  for (const [index, { stage }] of rooms.entries()) {
    const { welcome, state } = before[index]!;
    expect(stage.welcome!.instance, 'the room is another one in memory').not.toBe(welcome.instance);
    expect(stage.welcome!.wakes, 'and says so').toBe(welcome.wakes + 1);
    expectKept(stage.welcome!.state, state);
    const done = new Set(
      stage.welcome!.events.flatMap((event) =>
        event.kind === 'allocated' && event.atMs <= killedAt ? [event.body.op] : [],
      ),
    );
    doneUnheard += unanswered[index]!.filter((op) => done.has(op)).length;
  }
  await Promise.all(back);
  const everybody = everybodyIn(rooms);
  const askedAnew = await askAnew(everybody, random);
  const answeredMs = await allAnswered(everybody, ANSWERED_WITHIN_MS);
  expect(everybody.flatMap(({ broken }) => broken)).toEqual([]);
  return { serverMs, roomsMs, answeredMs, unanswered: unanswered.flat().length, doneUnheard, askedAnew };
}

/** Everybody asks about an op that was granted before: whoever has forgotten it would sell it again. */
async function askAnew(phones: readonly Phone[], random: () => number): Promise<number> {
  const repeated = () => phones.reduce((sum, phone) => sum + phone.repeated, 0);
  const before = repeated();
  let asked = 0;
  for (const phone of phones) {
    const granted = [...phone.receipts.values()].filter(({ lanes }) =>
      Object.values(lanes).some(({ status }) => status === 'allocated'),
    );
    const receipt = granted[Math.floor(random() * granted.length)];
    if (!receipt) continue;
    phone.askAnew(receipt.tap);
    asked += 1;
  }
  await until(
    () => repeated() - before >= asked,
    ANSWERED_WITHIN_MS,
    () => `${repeated() - before} of ${asked} ops were answered as before`,
  );
  return asked;
}

/** The show, its epoch, its mode and its counters are there: at least all that was told before. */
function expectKept(now: RoomState, before: RoomState): void {
  for (const what of ['room', 'show', 'sku', 'epoch', 'mode', 'step'] as const) {
    expect(now[what], what).toEqual(before[what]);
  }
  expect(now.seq).toBeGreaterThanOrEqual(before.seq);
  for (const lane of ['safe', 'eventual'] as const) {
    for (const counter of ['acknowledged', 'ops', 'conflicts'] as const) {
      expect(ofLane(now.lanes, lane)[counter]).toBeGreaterThanOrEqual(ofLane(before.lanes, lane)[counter]);
    }
  }
}
