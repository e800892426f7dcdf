/** A reset and a kill at the same time: the reset is done, or goes on afterwards; there is no half of one. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allAnswered, Hammering, join, openShow, reset, setMode, stageOf } from '../support/crowd.ts';
import type { Show } from '../support/crowd.ts';
import type { Host } from '../support/host.ts';
import { openHost } from '../support/known-host.ts';
import type { KnownHost } from '../support/known-host.ts';
import type { Phone } from '../support/phone.ts';
import { between } from '../support/chance.ts';
import { figures, LONG, seeded } from '../support/run.ts';
import { until } from '../support/until.ts';
import { judge, readLog } from '../support/verdict.ts';

const ROOMS = ['safe', 'eventual', 'both'] as const;
/** When the kill comes: with the call, when the line is drawn under the old epoch, when the first room is done. */
const MOMENTS = ['at once', 'line drawn', 'first room done'] as const;
const ROUNDS = LONG ? 15 : MOMENTS.length;
const PHONES_PER_ROOM = 10;
/** Often enough that a tap falls into the tenth of a second in which a room draws its line. */
const TAPS_PER_SECOND = 5;
const GOES_ON_WITHIN_MS = 5_000;
const RESET_WITHIN_MS = 10_000;
const ANSWERED_WITHIN_MS = 20_000;

type Moment = (typeof MOMENTS)[number];
interface Room {
  skuId: string;
  stage: Phone;
  phones: Phone[];
}

let known: KnownHost;
let host: Host;
let show: Show;
let rooms: Room[];
const everybody = () => rooms.flatMap(({ stage, phones }) => [stage, ...phones]);

beforeAll(async () => {
  known = await openHost();
  host = known.host;
  const { url, debugToken } = host;
  show = await openShow({ url, debugToken, folder: known.folder }, [...ROOMS]);
  rooms = [];
  for (const skuId of ROOMS) {
    await setMode(show, skuId, skuId);
    rooms.push({ skuId, stage: stageOf(show, skuId), phones: await join(show, skuId, PHONES_PER_ROOM) });
  }
  await Promise.all(everybody().map((phone) => phone.connect()));
});

afterAll(async () => {
  for (const phone of everybody()) phone.close();
  await known?.end();
});

it(`finishes every reset that began, over ${ROUNDS} kills, and none by half`, async () => {
  const random = seeded('reset and kill');
  const counts = {
    'calls cut off': 0,
    'rooms done before': 0,
    'rooms that went on': 0,
    'rooms begun on asking again': 0,
  };
  for (let round = 1; round <= ROUNDS; round += 1) {
    const { answered, killedAt, beforeRetry } = await resetAndKill(random, round);
    if (!answered) counts['calls cut off'] += 1;
    for (const [index, { skuId }] of rooms.entries()) {
      const log = await readLog(show, skuId);
      const resets = log.filter(({ kind }) => kind === 'reset');
      expect(resets.length, `one reset of ${skuId} for each round`).toBe(round);
      if (resets.at(-1)!.atMs <= killedAt) counts['rooms done before'] += 1;
      else if (beforeRetry[index] === round + 1) counts['rooms that went on'] += 1;
      else counts['rooms begun on asking again'] += 1;
    }
  }
  const verdicts = await Promise.all(
    rooms.map(({ skuId, stage, phones }) => judge(show, skuId, [stage, ...phones])),
  );
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  figures('reset and kill', {
    rounds: ROUNDS,
    ...counts,
    acknowledged: sum(verdicts.map(({ acknowledged }) => acknowledged)),
    lost: sum(verdicts.map(({ lost }) => lost)),
    doubled: sum(verdicts.map(({ doubled }) => doubled)),
  });
  expect(counts['calls cut off'], 'kills came before the answer').toBeGreaterThan(0);
  expect(counts['rooms that went on'], 'kills came between the line and the new epoch').toBeGreaterThan(0);
});

/** Round n starts in epoch n and ends in epoch n + 1, whatever the kill did. */
async function resetAndKill(random: () => number, round: number) {
  const hammering = new Hammering(
    rooms.flatMap(({ phones }) => phones),
    TAPS_PER_SECOND,
    random,
  );
  await pause(between(random, 300, 700));
  const key = randomUUID();
  let answered = false;
  const call = reset(show, key).then(
    () => (answered = true),
    () => undefined,
  );
  await momentOf(MOMENTS[(round - 1) % MOMENTS.length]!, round);
  const killedAt = Date.now();
  await host.kill();
  hammering.stop();
  await call;

  await host.start();
  await Promise.all(everybody().map((phone) => phone.comeBack()));
  await allAnswered(everybody(), ANSWERED_WITHIN_MS);
  await Promise.all(rooms.map(sellsAgain));
  const beforeRetry = rooms.map(({ stage }) => stage.stream.epoch);
  for (const epoch of beforeRetry) expect([round, round + 1]).toContain(epoch);

  const epochs = Object.fromEntries(ROOMS.map((skuId) => [skuId, round + 1]));
  expect(await reset(show, key), 'the same key finishes it').toEqual(epochs);
  expect(await reset(show, key), 'and is told the same again').toEqual(epochs);
  const old = () => everybody().filter(({ stream }) => stream.epoch !== round + 1).length;
  await until(
    () => old() === 0,
    RESET_WITHIN_MS,
    () => `${old()} clients are in another epoch`,
  );
  return { answered, killedAt, beforeRetry };
}

async function momentOf(moment: Moment, epoch: number): Promise<void> {
  const isDrawn = () =>
    rooms.some(({ phones }) =>
      phones.some(
        ({ nacks }) => nacks.at(-1)?.code === 'STALE_EPOCH' && nacks.at(-1)?.message.endsWith(`${epoch}.`),
      ),
    );
  const isDone = () => rooms.some(({ stage }) => stage.stream.epoch > epoch);
  if (moment === 'line drawn')
    await until(
      () => isDrawn() || isDone(),
      RESET_WITHIN_MS,
      () => 'no line',
    );
  if (moment === 'first room done') await until(isDone, RESET_WITHIN_MS, () => 'no room was reset');
}

/** A room that is not in the middle of a reset sells: within some seconds of waking it must not be. */
async function sellsAgain({ skuId, phones }: Room): Promise<void> {
  const [phone] = phones;
  const deadline = performance.now() + GOES_ON_WITHIN_MS;
  for (;;) {
    const { code } = await phone!.buy(ANSWERED_WITHIN_MS);
    if (code === null) return;
    expect(code, skuId).toBe('STALE_EPOCH');
    if (performance.now() > deadline) throw new Error(`${skuId} is still in the middle of its reset.`);
  }
}
