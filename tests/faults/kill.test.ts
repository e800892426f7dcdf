/** The whole server dies in the middle of it all, without a word, and starts again on what it had written. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RoomState } from '#lib/domain/room-state.ts';
import { allAnswered, Hammering, join, openShow, setMode, stageOf } from './support/crowd.ts';
import type { Show } from './support/crowd.ts';
import { Host } from './support/host.ts';
import type { Phone } from './support/phone.ts';
import { between, figures, LONG, p95, seeded, spread } from './support/run.ts';
import { judge } from './support/verdict.ts';

const KILLS = LONG ? 50 : 3;
/** Each mode has a room of its own, named after it. */
const ROOMS = ['safe', 'eventual', 'both'] as const;
const PHONES_PER_ROOM = 20;
const TAPS_PER_SECOND = 4;
/** Rooms answer again this long after the server does, milliseconds. */
const ROOMS_BACK_WITHIN_MS = 5_000;
const ANSWERED_WITHIN_MS = 20_000;

interface Room {
  skuId: string;
  stage: Phone;
  phones: Phone[];
}

let host: Host;
let show: Show;
let rooms: Room[];
const everybody = () => rooms.flatMap(({ stage, phones }) => [stage, ...phones]);

beforeAll(async () => {
  host = await Host.open();
  show = await openShow(host, [...ROOMS]);
  rooms = [];
  for (const skuId of ROOMS) {
    await setMode(show, skuId, skuId);
    rooms.push({ skuId, stage: stageOf(show, skuId), phones: await join(show, skuId, PHONES_PER_ROOM) });
  }
  await Promise.all(everybody().map((phone) => phone.connect()));
});

afterAll(async () => {
  for (const phone of everybody()) phone.close();
  await host?.end();
});

it(`keeps every promise over ${KILLS} kills: nothing acknowledged is lost, nothing is done twice`, async () => {
  const random = seeded('kill');
  const runs: Run[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) runs.push(await killOnce(random));

  const verdicts = await Promise.all(
    rooms.map(({ skuId, stage, phones }) => judge(show, skuId, [stage, ...phones])),
  );
  const phones = rooms.flatMap((room) => room.phones);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const resent = sum(phones.map((phone) => phone.resent));
  const pending = sum(phones.map(({ pendingAnswers }) => pendingAnswers));
  const doneBefore = sum(runs.map(({ doneUnheard }) => doneUnheard));
  expect(resent, 'kills caught ops between tap and answer').toBeGreaterThan(0);
  figures('kill', {
    kills: KILLS,
    acknowledged: sum(verdicts.map(({ acknowledged }) => acknowledged)),
    lost: sum(verdicts.map(({ lost }) => lost)),
    doubled: sum(verdicts.map(({ doubled }) => doubled)),
    'asked again': resent,
    'of these done before the kill': doneBefore,
    'pending first': pending,
    'hashes compared': sum(verdicts.map(({ compared }) => compared)),
    'server up again': spread(runs.map(({ serverMs }) => serverMs)),
    'all rooms back after that': spread(runs.map(({ roomsMs }) => roomsMs)),
    'all answered after that': spread(runs.map(({ answeredMs }) => answeredMs)),
  });
  expect(p95(runs.map(({ roomsMs }) => roomsMs))).toBeLessThan(ROOMS_BACK_WITHIN_MS);
});

/** What one kill did. */
interface Run {
  /** From the start of the new process to its first answer. */
  serverMs: number;
  /** From then until every room has greeted somebody. */
  roomsMs: number;
  /** From then until every op of before the kill has its final answer. */
  answeredMs: number;
  /** Ops that were done before the kill and whose answer was killed. */
  doneUnheard: number;
}

async function killOnce(random: () => number): Promise<Run> {
  const hammering = new Hammering(
    rooms.flatMap(({ phones }) => phones),
    TAPS_PER_SECOND,
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
  const answeredMs = await allAnswered(everybody(), ANSWERED_WITHIN_MS);
  expect(everybody().flatMap(({ broken }) => broken)).toEqual([]);
  return { serverMs, roomsMs, answeredMs, doneUnheard };
}

/** The show, its epoch, its mode and its counters are there: at least all that was told before. */
function expectKept(now: RoomState, before: RoomState): void {
  for (const what of ['room', 'show', 'sku', 'epoch', 'mode', 'step'] as const) {
    expect(now[what], what).toEqual(before[what]);
  }
  expect(now.seq).toBeGreaterThanOrEqual(before.seq);
  for (const lane of ['safe', 'eventual'] as const) {
    for (const counter of ['acknowledged', 'ops', 'conflicts'] as const) {
      expect(now.lanes[lane][counter]).toBeGreaterThanOrEqual(before.lanes[lane][counter]);
    }
  }
}
