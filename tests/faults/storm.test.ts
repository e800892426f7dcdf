/**
 * Every socket of a full room is cut in one instant, or its server is gone for a while. Everybody comes back by the product's own
 * policy: as soon as the size of the room allows, and not all at once.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { allAnswered, join, openShow, stageOf } from './support/crowd.ts';
import type { Show } from './support/crowd.ts';
import { PagedPhone } from './support/paged-phone.ts';
import type { Phone } from './support/phone.ts';
import { Proxy } from './support/proxy.ts';
import { atMost, figures, LONG, p95, seeded, spread } from './support/run.ts';
import { until } from './support/until.ts';
import { judge } from './support/verdict.ts';

const SKU = 'storm';
const PHONES = LONG ? 1_000 : 300;
/** Phones that open the page at once: a venue's do not do so in one instant. */
const VISITS_AT_ONCE = 50;
const BACK_WITHIN_MS = 10_000;
/** What is promised of a room of up to 300, from the cut on or from when its server answers, milliseconds. */
const PROMISED_TO = 300;
const BACK_P95_MS = 1_000;
/** The first retries lie within two milliseconds for each phone. */
const BIN_MS = 100;
const BINS = (2 * PHONES) / BIN_MS;
/** Twice even spreading in one bin would still be no lockstep. */
const FULLEST_BIN = 2 / BINS;
/** For how long the server is gone: as long as a restart may take, milliseconds. */
const DOWN_MS = 5_000;
/** What is bought while everybody is away: they must hear of it. */
const MEANWHILE = 20;

let show: Show;
let proxy: Proxy;
let phones: PagedPhone[];
let stage: Phone;

beforeAll(async () => {
  show = await openShow(inject('host'), [SKU]);
  proxy = await Proxy.to(inject('host').port);
  phones = (await join(show, SKU, PHONES, proxy.url)).map(({ options }) => new PagedPhone(options));
  stage = stageOf(show, SKU);
  await stage.connect();
});

afterAll(async () => {
  for (const phone of [...phones, stage]) phone.close();
  await proxy.close();
});

it(`brings ${PHONES} phones back that were cut in one instant, spread out and with nothing missed`, async () => {
  const random = seeded('storm');
  for (let first = 0; first < PHONES; first += VISITS_AT_ONCE) {
    await Promise.all(phones.slice(first, first + VISITS_AT_ONCE).map((phone) => phone.visit(random)));
  }
  await Promise.all(phones.map((phone) => phone.buy(20_000)));

  const bought = Math.max(...phones.flatMap((phone) => phone.granted().map(({ seq }) => seq)));
  const behind = (seq = stage.stream.seq) => phones.filter(({ stream }) => stream.seq < seq).length;
  await until(
    () => behind(bought) === 0,
    1_000,
    () => `${behind(bought)} phones have not seen what was bought`,
  );

  const cutAtMs = performance.now();
  proxy.reset();
  expect(proxy.cut, 'every link was cut').toBe(PHONES);
  await until(
    () => phones.every(({ open }) => !open),
    1_000,
    () => 'somebody has not noticed the cut',
  );
  for (let sale = 0; sale < MEANWHILE; sale += 1) stage.tap();
  const away = () => phones.filter(({ open }) => !open).length;
  await until(
    () => away() === 0,
    BACK_WITHIN_MS - (performance.now() - cutAtMs),
    () => `${away()} phones are not back`,
  );
  const allBackMs = performance.now() - cutAtMs;
  await allAnswered([...phones, stage], BACK_WITHIN_MS);

  const attempts = phones.map(({ attemptsAtMs }) => attemptsAtMs.filter((atMs) => atMs > cutAtMs));
  const firstMs = attempts.map(([first]) => first! - cutAtMs);
  const backMs = phones.map(({ welcomedAtMs }) => welcomedAtMs.at(-1)! - cutAtMs);
  const bins = new Map<number, number>();
  for (const ms of firstMs) bins.set(Math.floor(ms / BIN_MS), (bins.get(Math.floor(ms / BIN_MS)) ?? 0) + 1);
  const fullest = Math.max(...bins.values());
  const { acknowledged, lost, doubled, compared } = await judge(show, SKU, [...phones, stage]);
  figures('reconnect storm', {
    sockets: PHONES,
    'cut at once': proxy.cut,
    'all back after ms': allBackMs,
    'cut to first retry': spread(firstMs),
    'cut to welcome': spread(backMs),
    'retries per phone': attempts.flat().length / PHONES,
    'fullest tenth of a second': fullest,
    resumed: phones.filter(({ stream }) => stream.recovered > 0).length,
    'phones that missed something': behind(),
    acknowledged,
    lost,
    doubled,
    compared,
  });
  expect(acknowledged).toBe(PHONES + MEANWHILE);
  const resumes = phones.map(({ stream }) => stream.recovered);
  expect(new Set(resumes), 'everybody was told what they missed, once').toEqual(new Set([1]));
  expect(fullest / PHONES, 'no lockstep').toBeLessThan(FULLEST_BIN);
  if (PHONES <= PROMISED_TO) expect(p95(backMs), 'back, from the cut on').toBeLessThan(atMost(BACK_P95_MS));
});

it(`brings ${PROMISED_TO} phones back within a second of the moment at which a restarted server answers`, async () => {
  seeded('restart');
  const all = phones.splice(PROMISED_TO);
  for (const phone of all) phone.close();
  // The room is smaller now, and says so: to phones with the next frame, and they spread their retries by what they heard last.
  const inRoom = (of: Pick<Phone, 'stream'>) => of.stream.state!.people.phones;
  await until(
    () => inRoom(stage) <= PROMISED_TO,
    BACK_WITHIN_MS,
    () => `${inRoom(stage)} phones are counted`,
  );
  await phones[0]!.buy(20_000);
  await until(
    () => phones.every((phone) => inRoom(phone) <= PROMISED_TO),
    BACK_WITHIN_MS,
    () => `${Math.max(...phones.map(inRoom))} phones are counted on a phone`,
  );
  proxy.goDown();
  await pause(DOWN_MS);
  expect(phones.filter(({ open }) => open).length, 'nobody is in').toBe(0);
  const tries = () => phones.reduce((sum, { attemptsAtMs }) => sum + attemptsAtMs.length, 0);
  const triesBefore = tries();
  const answersAtMs = performance.now();
  proxy.answer();
  const away = () => phones.filter(({ open }) => !open).length;
  await until(
    () => away() === 0,
    BACK_WITHIN_MS,
    () => `${away()} phones are not back`,
  );
  const backMs = phones.map(({ welcomedAtMs }) => welcomedAtMs.at(-1)! - answersAtMs);
  const { lost, doubled } = await judge(show, SKU, [...phones, ...all, stage]);
  figures('restart', {
    sockets: phones.length,
    'down for ms': DOWN_MS,
    'answer to welcome': spread(backMs),
    'tries per phone until back': (tries() - triesBefore) / phones.length,
    lost,
    doubled,
  });
  expect(p95(backMs), 'back, from the answer on').toBeLessThan(atMost(BACK_P95_MS));
});
