/** Sessions that take more than their share of a room: by many sockets, and by pings that the platform answers for it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { MAX_SOCKETS_PER_PARTICIPANT } from '#lib/protocol/limits.ts';
import { allAnswered, answerTimes, Hammering, join, openShow } from './support/crowd.ts';
import type { Show } from './support/crowd.ts';
import { Phone } from './support/phone.ts';
import { atMost, figures, LONG, p95, seeded, spread } from './support/run.ts';
import { until } from './support/until.ts';
import { judge } from './support/verdict.ts';

const SKU = 'greed';
const PHONES = 50;
const TAPS_PER_SECOND = 2;
const CALM_MS = 2_000;
const SESSIONS = LONG ? 50 : 20;
const SOCKETS_EACH = 10;
/** Just below what one socket may say. */
const REFUSED_PER_SECOND = 16;
const PINGS_PER_SECOND = 20_000;
const TICK_MS = 20;
const CLOSED_WITHIN_MS = 20_000;
/** Others are answered as if nothing were, milliseconds. */
const OTHERS_P95_MS = 250;

let show: Show;
let phones: Phone[];
let random: () => number;

beforeAll(async () => {
  random = seeded('greedy');
  show = await openShow(inject('host'), [SKU]);
  phones = await join(show, SKU, PHONES);
  await Promise.all(phones.map((phone) => phone.connect()));
  for (const phone of phones) phone.reportSeen();
});

afterAll(() => {
  for (const phone of phones) phone.close();
});

it('closes sessions that say on many sockets what one may not say', async () => {
  const sessions = await join(show, SKU, SESSIONS);
  const greedy = sessions.flatMap(({ options }) =>
    Array.from({ length: SOCKETS_EACH }, () => new Phone({ ...options })),
  );
  // Whoever opens one more than they may loses the oldest, perhaps before it was greeted, perhaps after all others were.
  await Promise.all(greedy.map((socket) => socket.connect().catch(() => null)));
  const most = SESSIONS * MAX_SOCKETS_PER_PARTICIPANT;
  const kept = () => greedy.filter(({ open }) => open).length;
  await until(
    () => kept() <= most,
    CLOSED_WITHIN_MS,
    () => `${kept()} sockets are kept, of ${most} allowed`,
  );
  const opened = { sessions: SESSIONS, opened: greedy.length, kept: kept() };
  const told = await amid(greedy, REFUSED_PER_SECOND, (socket) =>
    socket.say({ t: 'allocate', op: randomUUID(), epoch: socket.stream.epoch, mode: 'eventual' }),
  );
  figures('many sockets of few sessions', { ...opened, ...told });
});

it('closes a socket that pings without end', async () => {
  const [flooder] = await join(show, SKU, 1);
  await flooder!.connect();
  const told = await amid([flooder!], PINGS_PER_SECOND, (socket) => socket.raw('ping'));
  figures('pings without end', told);
});

/** Everybody of `greedy` goes on until they were closed, among phones that tap at their own pace. */
async function amid(greedy: Phone[], perSecond: number, act: (socket: Phone) => void) {
  const hammering = new Hammering(phones, TAPS_PER_SECOND, random);
  const calmMs = performance.now();
  await pause(CALM_MS);
  const beganMs = performance.now();
  const open = greedy.filter((socket) => socket.open);
  let acts = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - beganMs) / 1_000) * perSecond * open.length;
    for (; acts < due; acts += 1) act(open[acts % open.length]!);
  }, TICK_MS);
  const closedMs = await until(
    () => open.every(({ closed }) => closed !== null),
    CLOSED_WITHIN_MS,
    () => `${open.filter(({ closed }) => closed === null).length} of ${open.length} were not closed`,
  );
  clearInterval(timer);
  const endMs = performance.now();
  await pause(CALM_MS);
  hammering.stop();
  await allAnswered(phones, 20_000);
  expect(new Set(open.map(({ closed }) => closed!.code))).toEqual(new Set([CLOSE.flood]));
  const [calm, meanwhile] = [answerTimes(phones, calmMs, beganMs), answerTimes(phones, beganMs, endMs)];
  expect(p95(meanwhile)).toBeLessThan(atMost(OTHERS_P95_MS));
  const { lost, doubled } = await judge(show, SKU, phones);
  return {
    acts,
    'all closed after ms': closedMs,
    'others before': spread(calm),
    'others meanwhile': spread(meanwhile),
    lost,
    doubled,
  };
}
