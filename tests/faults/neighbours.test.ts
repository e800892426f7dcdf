/** Bad neighbours: one who does not read, one who does not stop talking. The room goes on for everybody else. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { allAnswered, answerTimes, Hammering, join, openShow, stageOf } from './support/crowd.ts';
import type { Show } from './support/crowd.ts';
import type { Phone } from './support/phone.ts';
import { Proxy } from './support/proxy.ts';
import { figures, LONG, p95, seeded, spread } from './support/run.ts';
import { until } from './support/until.ts';
import { judge } from './support/verdict.ts';

const SKU = 'house';
const PHONES = 50;
/** 250 events a second: a reader that stops is 1,000 of them behind before it is given up. */
const TAPS_PER_SECOND = 5;
const HALF_MS = LONG ? 12_000 : 4_000;
/** A reader is closed 1,000 events or 10 s behind, as far as its own reports show; with some room to notice. */
const CLOSED_WITHIN_MS = 15_000;
const FLOOD_PER_SECOND = 1_000;
const FLOOD_TICK_MS = 20;
const FLOOD_CLOSED_WITHIN_MS = 2_000;
/** Others may not be slowed; a machine that does other things beside this must not fail the test, milliseconds. */
const OTHERS_P95_MS = 1_000;
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

it('is not slowed by a reader that stops reading, and closes it', async () => {
  const proxy = await Proxy.to(inject('host').port);
  const [reader] = await join(show, SKU, 1, proxy.url);
  await reader!.connect();
  reader!.reportSeen();
  const { instance, wakes } = stage.welcome!;
  const hammering = new Hammering(phones, TAPS_PER_SECOND, random);
  const startMs = performance.now();
  await pause(HALF_MS);
  reader!.say({ t: 'seen', seq: reader!.stream.seq });
  await reader!.alive(2_000);
  proxy.stall();
  const stalledMs = performance.now();
  const seen = reader!.stream.seq;
  await pause(HALF_MS);
  const behind = stage.stream.seq - seen;
  // The room gives it up by itself: nobody on that side answers.
  const present = () => stage.stream.state!.people.phones;
  await until(
    () => present() === PHONES,
    CLOSED_WITHIN_MS,
    () => `${present()} phones are counted as there`,
  );
  const givenUpMs = performance.now() - stalledMs;
  const missed = stage.stream.seq - seen;
  proxy.heal();
  await until(
    () => reader!.closed !== null,
    CLOSED_WITHIN_MS,
    () => 'the reader was not closed',
  );
  const endMs = performance.now();
  hammering.stop();
  await allAnswered(phones, ANSWERED_WITHIN_MS);

  const before = answerTimes(phones, startMs, stalledMs);
  const during = answerTimes(phones, stalledMs, endMs);
  expect(behind, 'the reader did not read').toBeGreaterThan(0);
  expect(reader!.closed!.code).toBe(CLOSE.tooFarBehind);
  await reader!.comeBack();
  await judge(show, SKU, [...phones, stage, reader!]);
  expect({ instance: stage.welcome!.instance, wakes: stage.welcome!.wakes }).toEqual({ instance, wakes });
  figures('slow reader', {
    'events behind when given up': missed,
    'given up after ms': givenUpMs,
    'closed with': CLOSE.tooFarBehind,
    'others before': spread(before),
    'others meanwhile': spread(during),
  });
  expect(p95(during)).toBeLessThan(OTHERS_P95_MS);
  reader!.close();
  await proxy.close();
});

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
  expect(atMs - floodMs).toBeLessThanOrEqual(FLOOD_CLOSED_WITHIN_MS);
  figures('flood', {
    'messages sent': sent,
    'closed after ms': atMs - floodMs,
    'neighbours before': spread(calm),
    'neighbours meanwhile': spread(flooded),
  });
  expect(p95(flooded)).toBeLessThan(OTHERS_P95_MS);
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
