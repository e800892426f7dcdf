/** Bad neighbours: one who does not read, one who does not stop talking. The room goes on for everybody else. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { allAnswered, answerTimes, Hammering, join, openShow, stageOf } from './support/crowd.ts';
import type { Show } from './support/crowd.ts';
import type { Phone } from './support/phone.ts';
import { Proxy } from './support/proxy.ts';
import { atMost, figures, LONG, p95, seeded, spread } from './support/run.ts';
import { until } from './support/until.ts';
import { judge } from './support/verdict.ts';

const SKU = 'house';
const PHONES = 50;
/** 250 events a second: a reader that stops is 1,000 of them behind before it is given up. */
const TAPS_PER_SECOND = 5;
const ROUNDS = LONG ? 8 : 1;
const CALM_MS = 5_000;
/** A reader is closed 1,000 events or 10 s behind, as far as its own reports show; with some room to notice. */
const CLOSED_WITHIN_MS = 15_000;
const FLOOD_PER_SECOND = 1_000;
const FLOOD_TICK_MS = 20;
const FLOOD_CLOSED_WITHIN_MS = 2_000;
/** Others are answered as if nothing were, milliseconds; of those beside a slow reader the 95th percentile may not move. */
const OTHERS_P95_MS = 250;
const OTHERS_SLOWER = 1.1;
const ANSWERED_WITHIN_MS = 20_000;

let show: Show;
let phones: Phone[];
let stage: Phone;
let random: () => number;

beforeAll(async () => {
  random = seeded('neighbours');
  show = await openShow(inject('host'), [SKU]);
  phones = await join(show, SKU, PHONES);
  stage = stageOf(show, SKU);
  await Promise.all([...phones, stage].map((phone) => phone.connect()));
  for (const phone of phones) phone.reportSeen();
});

afterAll(() => {
  for (const phone of [...phones, stage]) phone.close();
});

it(`is not slowed by a reader that stops reading, and closes it, ${ROUNDS} times`, async () => {
  const { instance, wakes } = stage.welcome!;
  const hammering = new Hammering(phones, TAPS_PER_SECOND, random);
  const rounds: Stalled[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await stallOne());
  hammering.stop();
  await allAnswered(phones, ANSWERED_WITHIN_MS);

  const before = rounds.flatMap(({ startMs, stalledMs }) => answerTimes(phones, startMs, stalledMs));
  const during = rounds.flatMap(({ stalledMs, endMs }) => answerTimes(phones, stalledMs, endMs));
  const { lost, doubled } = await judge(show, SKU, [...phones, stage, ...rounds.map(({ reader }) => reader)]);
  expect({ instance: stage.welcome!.instance, wakes: stage.welcome!.wakes }).toEqual({ instance, wakes });
  const behind = rounds.map(({ missed }) => missed);
  const slower = p95(during) / p95(before);
  figures('slow reader', {
    readers: ROUNDS,
    'events behind when given up': { min: Math.min(...behind), max: Math.max(...behind) },
    'given up after ms': spread(rounds.map(({ givenUpMs }) => givenUpMs)),
    'closed with': CLOSE.tooFarBehind,
    'others before': spread(before),
    'others meanwhile': spread(during),
    "others' p95 meanwhile, %": 100 * slower,
    lost,
    doubled,
  });
  expect(Math.min(...behind), 'nobody is given up who reads').toBeGreaterThan(0);
  expect(p95(during)).toBeLessThan(atMost(OTHERS_P95_MS));
  if (LONG) expect(slower, "others' p95 within a tenth").toBeLessThan(OTHERS_SLOWER);
  for (const { reader } of rounds) reader.close();
});

/** One reader that stopped, and when. */
interface Stalled {
  reader: Phone;
  startMs: number;
  stalledMs: number;
  endMs: number;
  givenUpMs: number;
  missed: number;
}

/** Somebody comes, reads for a while, stops reading, is given up, and comes back. */
async function stallOne(): Promise<Stalled> {
  const proxy = await Proxy.to(inject('host').port);
  const [reader] = await join(show, SKU, 1, proxy.url);
  await reader!.connect();
  reader!.reportSeen();
  const startMs = performance.now();
  await pause(CALM_MS);
  reader!.say({ t: 'seen', seq: reader!.stream.seq });
  await reader!.alive(2_000);
  proxy.stall();
  const stalledMs = performance.now();
  const seen = reader!.stream.seq;
  // The room gives it up by itself: nobody on that side answers.
  const present = () => stage.stream.state!.people.phones;
  await until(
    () => present() === PHONES,
    CLOSED_WITHIN_MS,
    () => `${present()} phones are counted as there`,
  );
  const endMs = performance.now();
  const missed = stage.stream.seq - seen;
  proxy.heal();
  await until(
    () => reader!.closed !== null,
    CLOSED_WITHIN_MS,
    () => 'the reader was not closed',
  );
  expect(reader!.closed!.code).toBe(CLOSE.tooFarBehind);
  expect(reader!.stream.seq, 'what the room had written before came through').toBeGreaterThan(seen);
  await proxy.close();
  reader!.options.url = show.site.url;
  await reader!.comeBack();
  reader!.close();
  return { reader: reader!, startMs, stalledMs, endMs, givenUpMs: endMs - stalledMs, missed };
}

it('closes a socket that floods, and the neighbours go on', async () => {
  const [flooder] = await join(show, SKU, 1);
  await flooder!.connect();
  const hammering = new Hammering(phones, TAPS_PER_SECOND, random);
  await pause(1_000);
  const floodMs = performance.now();
  let sent = 0;
  const flood = setInterval(() => {
    const due = ((performance.now() - floodMs) / 1_000) * FLOOD_PER_SECOND;
    for (; sent < due && flooder!.closed === null; sent += 1) flooder!.tap();
  }, FLOOD_TICK_MS);
  await until(
    () => flooder!.closed !== null,
    CLOSED_WITHIN_MS,
    () => 'the flood was not stopped',
  );
  clearInterval(flood);
  const { code, atMs } = flooder!.closed!;
  await pause(1_000);
  hammering.stop();
  await allAnswered(phones, ANSWERED_WITHIN_MS);

  const calm = answerTimes(phones, floodMs - 1_000, floodMs);
  const flooded = answerTimes(phones, floodMs, atMs);
  expect(sent / ((atMs - floodMs) / 1_000), 'that was a flood, messages a second').toBeGreaterThan(500);
  expect(code).toBe(CLOSE.flood);
  expect(atMs - floodMs).toBeLessThanOrEqual(atMost(FLOOD_CLOSED_WITHIN_MS));
  figures('flood', {
    'messages sent': sent,
    'closed after ms': atMs - floodMs,
    'neighbours before': spread(calm),
    'neighbours meanwhile': spread(flooded),
  });
  expect(p95(flooded)).toBeLessThan(atMost(OTHERS_P95_MS));
  await resolve(flooder!);
  await judge(show, SKU, [...phones, stage, flooder!]);
  flooder!.close();
});

/** Learns what became of the ops that the flood had no answer to, as slowly as the room allows. */
async function resolve(flooder: Phone): Promise<void> {
  const unanswered = [...flooder.outbox.values()];
  flooder.outbox.clear();
  await flooder.comeBack();
  for (const tap of unanswered) {
    flooder.again(tap);
    await pause(60);
  }
  await allAnswered([flooder], ANSWERED_WITHIN_MS);
}
