/** Every socket of a full room is cut in one instant. Everybody comes back by the product's own policy, and not at once. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { allAnswered, join, openShow, stageOf } from './support/crowd.ts';
import type { Show } from './support/crowd.ts';
import { PagedPhone } from './support/paged-phone.ts';
import type { Phone } from './support/phone.ts';
import { Proxy } from './support/proxy.ts';
import { figures, LONG, seeded, spread } from './support/run.ts';
import { until } from './support/until.ts';
import { judge } from './support/verdict.ts';

const SKU = 'storm';
const PHONES = LONG ? 1_000 : 300;
/** Phones that open the page at once: a venue's do not do so in one instant. */
const VISITS_AT_ONCE = 50;
const BACK_WITHIN_MS = 10_000;
/** The first retries lie between a quarter of a second and two seconds after the cut: 18 such bins. */
const BIN_MS = 100;
/** A third of even spreading in one bin would still be no lockstep; this is three times even. */
const FULLEST_BIN = 3 / 18;
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
  const backMs = phones.map(({ welcomedAtMs }, index) => welcomedAtMs.at(-1)! - attempts[index]![0]!);
  const bins = new Map<number, number>();
  for (const ms of firstMs) bins.set(Math.floor(ms / BIN_MS), (bins.get(Math.floor(ms / BIN_MS)) ?? 0) + 1);
  const fullest = Math.max(...bins.values());
  const { acknowledged, lost, doubled, compared } = await judge(show, SKU, [...phones, stage]);
  figures('reconnect storm', {
    sockets: PHONES,
    'cut at once': proxy.cut,
    'all back after ms': allBackMs,
    'cut to first retry': spread(firstMs),
    'first retry to welcome': spread(backMs),
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
});
