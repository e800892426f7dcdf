/** Links that die without a word: a phone that leaves the building, a network that is gone for half a minute. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { join, openShow, stageOf } from '../support/crowd.ts';
import type { Show } from '../support/crowd.ts';
import { PagedPhone } from '../support/paged-phone.ts';
import type { Phone } from '../support/phone.ts';
import { Proxy } from '../support/proxy.ts';
import { figures, seeded, spread } from '../support/run.ts';
import { until } from '../support/until.ts';
import { judge } from '../support/verdict.ts';

const SKU = 'tunnel';
const EACH = 10;
const PINGED_WITHIN_MS = 25_000;
const NOTICED_WITHIN_MS = 25_000;
const GONE_MS = 30_000;
const TRUTH_WITHIN_MS = 2_000;
const COUNTED_WITHIN_MS = 30_000;
/** A frame says who has come, and frames are a tenth of a second apart. */
const TOLD_WITHIN_MS = 2_000;
const SALE_EVERY_MS = 1_000;

let show: Show;
let tunnel: Proxy;
let exit: Proxy;
let stage: Phone;
/** People who go on buying. */
let sales: ReturnType<typeof setInterval> | undefined;
/** In the tunnel for a while; gone for good; never away. */
let away: PagedPhone[];
let gone: PagedPhone[];
let here: PagedPhone[];

beforeAll(async () => {
  const { port, url } = inject('host');
  show = await openShow(inject('host'), [SKU]);
  [tunnel, exit] = [await Proxy.to(port), await Proxy.to(port)];
  const people = async (through: string) =>
    (await join(show, SKU, EACH, through)).map(({ options }) => new PagedPhone(options));
  [away, gone, here] = [await people(tunnel.url), await people(exit.url), await people(url)];
  stage = stageOf(show, SKU);
  await stage.connect();
  const random = seeded('half-open');
  await Promise.all([...away, ...gone, ...here].map((phone) => phone.visit(random)));
  await Promise.all([...away, ...gone, ...here].map((phone) => phone.buy()));
  // The room knows who is gone by the pings that stop.
  await until(
    () => [...away, ...gone].every(({ pongs }) => pongs > 0),
    PINGED_WITHIN_MS,
    () => 'a phone does not ping',
  );
});

afterAll(async () => {
  clearInterval(sales);
  for (const phone of [...away, ...gone, ...here, stage]) phone.close();
  await Promise.all([tunnel.close(), exit.close()]);
});

it('is noticed by the phone and by the room, and the truth is back when the network is', async () => {
  const present = () => stage.stream.state!.people.phones;
  const told = (people: number) =>
    until(
      () => present() === people,
      TOLD_WITHIN_MS,
      () => `${present()} phones are counted, of ${people} that are there`,
    );
  await told(3 * EACH);
  // A room in which something happens: frames are written to sockets that nobody reads any more.
  sales = setInterval(() => void here[0]!.buy(), SALE_EVERY_MS);
  const goneAtMs = performance.now();
  tunnel.goDark();
  exit.goDark();
  const counted = until(
    () => present() === EACH,
    COUNTED_WITHIN_MS,
    () => `${present()} phones are counted, of ${EACH} that are there`,
  ).catch((error: unknown) => error);

  await until(
    () => [...away, ...gone].every(({ open }) => !open),
    NOTICED_WITHIN_MS,
    () => 'a phone believes in a link that is gone',
  );
  const noticedMs = [...away, ...gone].map(
    ({ statuses }) => statuses.find(({ kind, atMs }) => kind !== 'open' && atMs > goneAtMs)!.atMs - goneAtMs,
  );
  const countedMs = await counted;
  await pause(Math.max(0, GONE_MS - (performance.now() - goneAtMs)));
  tunnel.heal();
  const backAtMs = performance.now();
  for (const phone of away) phone.online();
  const stale = () => away.filter(({ open, stream }) => !open || stream.seq < stage.stream.seq).length;
  await until(
    () => stale() === 0,
    TRUTH_WITHIN_MS,
    () => `${stale()} phones do not show the truth`,
  );
  const truthMs = away.map(({ welcomedAtMs }) => welcomedAtMs.at(-1)! - backAtMs);
  clearInterval(sales);
  await until(
    () => here[0]!.outbox.size === 0,
    TRUTH_WITHIN_MS,
    () => 'a sale has no answer',
  );
  const verdict = await judge(show, SKU, [...away, ...gone, ...here, stage]);
  figures('half-open', {
    'silent links': away.length + gone.length,
    'gone for ms': GONE_MS,
    'noticed after': spread(noticedMs),
    'people right after ms': typeof countedMs === 'number' ? countedMs : String(countedMs),
    'truth on screen after': spread(truthMs),
    acknowledged: verdict.acknowledged,
    lost: verdict.lost,
    doubled: verdict.doubled,
  });
  expect(countedMs, 'people counts are right within half a minute').toBeTypeOf('number');
  await told(2 * EACH);
});
