/** Sockets that are cut, links that die without a word, links that become slow: everybody comes back and misses nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { retryPauseMs } from '#lib/client/retry.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { allAnswered, Hammering, join, openShow, stageOf } from './support/crowd.ts';
import type { Show } from './support/crowd.ts';
import type { Phone } from './support/phone.ts';
import { Proxy } from './support/proxy.ts';
import { between } from './support/chance.ts';
import { atMost, figures, LONG, p95, seeded, spread } from './support/run.ts';
import { until } from './support/until.ts';
import { judge } from './support/verdict.ts';

const SKU = 'links';
const PHONES = 200;
/** Slow enough that nobody who is away for some seconds misses more than a resume tells. */
const TAPS_PER_SECOND = 0.2;
/** A phone that asks for a sign of life waits this long for it, as the pages do, milliseconds. */
const PONG_WITHIN_MS = 2_000;
/** A link this slow cannot carry a phone's frames: they queue, and come later. */
const SLOW_BYTES_PER_SECOND = 8_000;
const SLOW_MS = LONG ? 8_000 : 3_000;
/** Of a room of up to 300, from the cut on, milliseconds; of a link that died silently, from when that was noticed. */
const BACK_P95_MS = 1_000;
const ANSWERED_WITHIN_MS = 20_000;

let show: Show;
let proxies: { resetting: Proxy; stalling: Proxy; slowing: Proxy };
let phones: Phone[];
let stage: Phone;
const part = (index: number) => phones.filter((_, place) => place % 3 === index);
const counts = (key: 'recovered' | 'snapshots') => phones.reduce((sum, { stream }) => sum + stream[key], 0);

beforeAll(async () => {
  const { port } = inject('host');
  show = await openShow(inject('host'), [SKU]);
  proxies = {
    resetting: await Proxy.to(port),
    stalling: await Proxy.to(port),
    slowing: await Proxy.to(port),
  };
  phones = await join(show, SKU, PHONES);
  for (const [index, proxy] of Object.values(proxies).entries()) {
    for (const phone of part(index)) phone.options.url = proxy.url;
  }
  stage = stageOf(show, SKU);
  await Promise.all([...phones, stage].map((phone) => phone.connect()));
});

afterAll(async () => {
  for (const phone of [...phones, stage]) phone.close();
  await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
});

it('brings 200 phones back after the drill has cut every socket', async () => {
  const random = seeded('drill');
  const hammering = new Hammering(phones, TAPS_PER_SECOND, random);
  await pause(1_000);
  const all = [...phones, stage];
  const closedWith: number[] = [];
  const back = all.map((phone) => comesBackWhenCut(phone, random, (code) => closedWith.push(code)));
  stage.say({ t: 'drill', kind: 'drop' });
  const backMs = await Promise.all(back);
  await settle(hammering);

  expect(closedWith, 'every socket was cut, by the drill').toEqual(all.map(() => CLOSE.comeBack));
  const { log, compared } = await judge(show, SKU, all);
  expect(log.filter(({ kind }) => kind === 'drill').map(({ body }) => body)).toMatchObject([
    { kind: 'drop', by: show.label, sockets: all.length },
  ]);
  report('drill', { 'cut to welcome': backMs }, compared);
});

it('brings phones back over links that were reset, that died silently, and that became slow', async () => {
  const random = seeded('links');
  const before = { recovered: counts('recovered'), snapshots: counts('snapshots') };
  const { resetting, stalling, slowing } = proxies;
  const hammering = new Hammering(phones, TAPS_PER_SECOND, random);
  await pause(500);
  const cut = part(0).map((phone) => comesBackWhenCut(phone, random, () => undefined));
  const dead = part(1).map((phone) => comesBackWhenSilent(phone, random));
  const framesBefore = part(2).map(({ stream }) => stream.frames);
  resetting.reset();
  stalling.stall();
  slowing.throttle(SLOW_BYTES_PER_SECOND);
  const [cutMs, deadMs] = await Promise.all([Promise.all(cut), Promise.all(dead)]);
  await pause(SLOW_MS);
  const behind = part(2).filter(({ stream }) => stream.seq < stage.stream.seq).length;
  slowing.heal();
  await settle(hammering);

  expect(resetting.cut, 'links were reset').toBe(part(0).length);
  expect(stalling.opened, 'silent links were replaced').toBeGreaterThanOrEqual(2 * part(1).length);
  expect(behind, 'slow links were slower than the room').toBeGreaterThan(0);
  expect(
    part(2).every(({ stream }, index) => stream.frames > framesBefore[index]!),
    'slow, not cut',
  ).toBe(true);
  const { compared } = await judge(show, SKU, [...phones, stage]);
  report('links', { 'cut to welcome': cutMs, 'noticed to welcome': deadMs }, compared, {
    'behind on a slow link': behind,
    ...sinceBefore(before),
  });
});

/** Comes back once it is cut, after the pause that the pages make; resolves with the milliseconds from the cut on. */
async function comesBackWhenCut(phone: Phone, random: () => number, onCut: (code: number) => void) {
  const { phones: people, stages } = phone.stream.state!.people;
  const trouble = { clients: people + stages, isFirst: true, awayMs: 0, bounces: 0 };
  await new Promise<void>((resolve) => (phone.onClose = resolve));
  const { code, atMs } = phone.closed!;
  onCut(code);
  await pause(retryPauseMs(trouble, random()));
  await phone.comeBack();
  return performance.now() - atMs;
}

/** Asks for a sign of life until there is none, then opens another link. */
async function comesBackWhenSilent(phone: Phone, random: () => number) {
  const waitMs = between(random, 0, 500);
  await pause(waitMs);
  while (await phone.alive(PONG_WITHIN_MS)) await pause(100);
  return phone.comeBack();
}

async function settle(hammering: Hammering): Promise<void> {
  await pause(500);
  hammering.stop();
  await allAnswered(phones, ANSWERED_WITHIN_MS);
  const away = () => phones.filter(({ open }) => !open).length;
  await until(
    () => away() === 0,
    ANSWERED_WITHIN_MS,
    () => `${away()} phones are not back`,
  );
}

function sinceBefore(before: { recovered: number; snapshots: number }) {
  return {
    resumed: counts('recovered') - before.recovered,
    snapshots: counts('snapshots') - before.snapshots,
  };
}

function report(
  test: string,
  back: Record<string, number[]>,
  compared: number,
  more: Record<string, number> = { resumed: counts('recovered'), snapshots: counts('snapshots') },
): void {
  const broken = phones.reduce((sum, phone) => sum + phone.broken.length, 0);
  figures(test, {
    'came back': Object.values(back).flat().length,
    ...Object.fromEntries(Object.entries(back).map(([from, ms]) => [from, spread(ms)])),
    ...more,
    'asked again': phones.reduce((sum, { resent }) => sum + resent, 0),
    'broken streams': broken,
    'hashes compared': compared,
  });
  expect(more['snapshots'], 'nobody was away so long that only a snapshot was left').toBe(0);
  for (const [from, ms] of Object.entries(back)) expect(p95(ms), from).toBeLessThan(atMost(BACK_P95_MS));
}
