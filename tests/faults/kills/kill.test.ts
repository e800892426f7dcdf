/** The whole server dies in the middle of it all, without a word, and starts again on what it had written. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { join, openShow, setMode, stageOf } from '../support/crowd.ts';
import type { Show } from '../support/crowd.ts';
import { everybodyIn, killOnce } from '../support/killing.ts';
import type { Kill, Peopled } from '../support/killing.ts';
import { openHost } from '../support/known-host.ts';
import type { KnownHost } from '../support/known-host.ts';
import { atMost, figures, LONG, p95, seeded, spread } from '../support/run.ts';
import { judge } from '../support/verdict.ts';

const KILLS = LONG ? 50 : 3;
/** Each mode has a room of its own, named after it. */
const ROOMS = ['safe', 'eventual', 'both'] as const;
const PHONES_PER_ROOM = 20;
const TAPS_PER_SECOND = 4;

/** One full room. */
const CROWD_KILLS = LONG ? 5 : 2;
const CROWD = 200;
const CROWD_TAPS_PER_SECOND = 2;
/** Rooms answer again this long after the server does, milliseconds. */
const ROOMS_BACK_WITHIN_MS = 5_000;

let known: KnownHost;
const opened: Peopled[] = [];

beforeAll(async () => {
  known = await openHost();
});

afterAll(async () => {
  for (const client of everybodyIn(opened)) client.close();
  await known?.end();
});

it(`keeps every promise over ${KILLS} kills: nothing acknowledged is lost, nothing is done twice`, async () => {
  const random = seeded('kill');
  const { show, rooms } = await people([...ROOMS], PHONES_PER_ROOM);
  for (const { skuId } of rooms) await setMode(show, skuId, skuId as (typeof ROOMS)[number]);
  const kills: Kill[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    kills.push(await killOnce(known.host, rooms, TAPS_PER_SECOND, random));
  }
  await report('kill', show, rooms, kills);
  leave(rooms);
});

it(`keeps every promise to ${CROWD} phones and a stage in one room, over ${CROWD_KILLS} kills`, async () => {
  const random = seeded('crowd and kill');
  const { show, rooms } = await people(['crowd'], CROWD);
  const kills: Kill[] = [];
  for (let kill = 0; kill < CROWD_KILLS; kill += 1) {
    await setMode(show, 'crowd', ROOMS[(kill + 2) % ROOMS.length]!);
    kills.push(await killOnce(known.host, rooms, CROWD_TAPS_PER_SECOND, random));
  }
  await report('crowd and kill', show, rooms, kills);
  leave(rooms);
});

/** A show with so many people in each of its rooms, all connected. */
async function people(skuIds: string[], phones: number): Promise<{ show: Show; rooms: Peopled[] }> {
  const { url, debugToken } = known.host;
  const show = await openShow({ url, debugToken, folder: known.folder }, skuIds);
  const rooms: Peopled[] = [];
  for (const skuId of skuIds) {
    rooms.push({ skuId, stage: stageOf(show, skuId), phones: await join(show, skuId, phones) });
  }
  opened.push(...rooms);
  await Promise.all(everybodyIn(rooms).map((client) => client.connect()));
  return { show, rooms };
}

function leave(rooms: Peopled[]): void {
  for (const client of everybodyIn(rooms)) client.close();
}

async function report(test: string, show: Show, rooms: Peopled[], kills: Kill[]): Promise<void> {
  const verdicts = await Promise.all(
    rooms.map(({ skuId, stage, phones }) => judge(show, skuId, [stage, ...phones])),
  );
  const phones = rooms.flatMap((room) => room.phones);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const resent = sum(phones.map((phone) => phone.resent));
  figures(test, {
    kills: kills.length,
    phones: phones.length,
    acknowledged: sum(verdicts.map(({ acknowledged }) => acknowledged)),
    lost: sum(verdicts.map(({ lost }) => lost)),
    doubled: sum(verdicts.map(({ doubled }) => doubled)),
    'unanswered at a kill': sum(kills.map(({ unanswered }) => unanswered)),
    'of these done before it': sum(kills.map(({ doneUnheard }) => doneUnheard)),
    'asked again': resent,
    'asked anew though answered': sum(kills.map(({ askedAnew }) => askedAnew)),
    'pending first': sum(phones.map(({ pendingAnswers }) => pendingAnswers)),
    'events compared': sum(verdicts.map(({ compared }) => compared)),
    'rows recounted': sum(verdicts.map(({ rows }) => rows ?? 0)),
    'server up again': spread(kills.map(({ serverMs }) => serverMs)),
    'all rooms back after that': spread(kills.map(({ roomsMs }) => roomsMs)),
    'all answered after that': spread(kills.map(({ answeredMs }) => answeredMs)),
  });
  expect(resent, 'kills caught ops between tap and answer').toBeGreaterThan(0);
  expect(p95(kills.map(({ roomsMs }) => roomsMs))).toBeLessThan(atMost(ROOMS_BACK_WITHIN_MS));
}
