/** Clients that give no sign of life: those who do not read are let go, and those who only read lose nothing. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { MAX_SILENT_MS } from '#lib/protocol/limits.ts';
import { allAnswered, answerTimes, Hammering, join, openShow, stageOf } from '../support/crowd.ts';
import type { Show } from '../support/crowd.ts';
import { runtimeMemoryMb } from '../support/memory.ts';
import type { Phone } from '../support/phone.ts';
import { Proxy } from '../support/proxy.ts';
import { atMost, figures, LONG, p95, seeded, spread } from '../support/run.ts';
import { until } from '../support/until.ts';
import { judge } from '../support/verdict.ts';

const SKU = 'quiet';
const PHONES = 34;
const MUTE = LONG ? 300 : 100;
/** Together a hundred events a second: phones are sent as much as they ever are. Each taps as often as it may for ever. */
const TAPS_PER_SECOND = 3;
const CALM_MS = 3_000;
/** A room looks every few seconds; the silence begins with the first of them. */
const LOOKS_MS = 15_000;
/** Pings of somebody who reads and says nothing else, milliseconds apart: rarely, as the contract asks for none. */
const PING_EVERY_MS = 20_000;
const OTHERS_P95_MS = 250;
/** It is mostly waiting: a minute for the room, and as long for the connections to end. */
const TEST_MS = 240_000;
/** What so many sockets that nobody reads may cost, MB. */
const MEMORY_MB = MUTE + 100;

let show: Show;
let phones: Phone[];
let stage: Phone;
let mute: Phone[];
/** Says nothing at all; and pings now and then. Both read. */
let reader: Phone;
let pinger: Phone;
let proxy: Proxy;
let random: () => number;
let pings: NodeJS.Timeout | undefined;

beforeAll(async () => {
  random = seeded('silent');
  show = await openShow(inject('host'), [SKU]);
  proxy = await Proxy.to(inject('host').port);
  phones = await join(show, SKU, PHONES);
  mute = await join(show, SKU, MUTE, proxy.url);
  [reader, pinger] = (await join(show, SKU, 2)) as [Phone, Phone];
  stage = stageOf(show, SKU);
  await Promise.all([...phones, stage].map((phone) => phone.connect()));
  for (const phone of [...phones, stage]) phone.reportSeen();
});

afterAll(async () => {
  clearInterval(pings);
  for (const phone of [...phones, ...mute, reader, pinger, stage]) phone.close();
  await proxy.close();
});

it(
  `lets ${MUTE} go that never read, and nobody who reads misses anything`,
  async () => {
    const hammering = new Hammering(phones, TAPS_PER_SECOND, random);
    const calmMs = performance.now();
    await until(
      () => performance.now() - calmMs > CALM_MS,
      2 * CALM_MS,
      () => 'time stands still',
    );
    const before = runtimeMemoryMb(inject('host').group);
    const muteMs = performance.now();
    await Promise.all([...mute, reader, pinger].map((phone) => phone.connect()));
    proxy.stall();
    pinger.raw('ping');
    pings = setInterval(() => pinger.raw('ping'), PING_EVERY_MS);

    const counted = () => stage.stream.state!.people.phones;
    await until(
      () => counted() === PHONES + MUTE + 2,
      10_000,
      () => `${counted()} phones are counted at first`,
    );
    let most = 0;
    const uncountedMs = await until(
      () => {
        most = Math.max(most, runtimeMemoryMb(inject('host').group) - before);
        return counted() <= PHONES + 2;
      },
      MAX_SILENT_MS + LOOKS_MS,
      () => `${counted()} phones are counted, of whom ${MUTE} have never read`,
    );
    await until(
      () => reader.closed !== null,
      MAX_SILENT_MS + LOOKS_MS,
      () => 'the silent reader was not asked to come back',
    );
    most = Math.max(most, runtimeMemoryMb(inject('host').group) - before);
    const closedMs = performance.now();
    expect(reader.closed!.code).toBe(CLOSE.tooFarBehind);
    const readForMs = reader.closed!.atMs - muteMs;
    await reader.comeBack();
    // Whatever the mute had not read comes now, and then the room's last word to them.
    proxy.heal();
    await until(
      () => mute.every(({ closed }) => closed !== null),
      LOOKS_MS + 15_000,
      () => `${mute.filter(({ closed }) => closed === null).length} of the mute were never closed`,
    );
    expect(new Set(mute.map(({ closed }) => closed!.code))).toEqual(new Set([CLOSE.tooFarBehind]));
    for (const phone of mute) phone.options.url = show.site.url;
    await Promise.all(mute.map((phone) => phone.comeBack()));
    hammering.stop();
    await allAnswered(phones, 20_000);
    const calm = answerTimes(phones, calmMs, muteMs);
    const meanwhile = answerTimes(phones, muteMs, closedMs);
    expect(pinger.closed, 'who pings rarely and reads is let be').toBeNull();
    const { lost, doubled } = await judge(show, SKU, [...phones, stage, ...mute, reader, pinger]);
    figures('silent clients', {
      'never read': MUTE,
      'not counted after ms': uncountedMs,
      'one that only reads was asked to come back after ms': readForMs,
      'more memory, MB': most,
      'others before': spread(calm),
      'others meanwhile': spread(meanwhile),
      lost,
      doubled,
    });
    expect(readForMs, 'who only reads is not cut soon').toBeGreaterThan(20_000);
    expect(most).toBeLessThan(MEMORY_MB);
    expect(p95(meanwhile)).toBeLessThan(atMost(OTHERS_P95_MS));
  },
  TEST_MS,
);
