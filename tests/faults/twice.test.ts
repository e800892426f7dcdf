/** Messages that come twice, in another order, and again from a connection that is long gone: each op has its effect once. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { randomFrom } from '#lib/rehearsal/random.ts';
import { allAnswered, join, openShow, reset, setMode, stageOf } from './support/crowd.ts';
import type { Show } from './support/crowd.ts';
import { Mangler, Mischief } from './support/mangler.ts';
import type { Phone } from './support/phone.ts';
import { Proxy } from './support/proxy.ts';
import { figures, LONG, SEED } from './support/run.ts';
import { until } from './support/until.ts';
import { judge } from './support/verdict.ts';

/** Each mode has a room of its own, named after it. */
const ROOMS = ['safe', 'eventual', 'both'] as const;
/** Connections, each with a seed of its own for what is done to its messages. */
const SEEDS = LONG ? 10_000 : 450;
/** An op costs one of the 200 that a person may buy in a minute: so many people buy 10,000 times three. */
const PHONES_PER_ROOM = LONG ? 60 : 15;
/** So many are connected to a room at once: more would only be told that it is busy. */
const AT_ONCE = 15;
const MOST_TAPS = 5;
/** A new epoch after so many connections: what is replayed from the old one must be refused. */
const RESET_AFTER = LONG ? 2_500 : 225;
const ANSWERED_WITHIN_MS = 30_000;
/** Seeds that failed once stay here and are run first. */
const FAILED_ONCE: readonly number[] = [];

let show: Show;
let proxy: Proxy;
let stages: Phone[];
let phones: { skuId: string; phones: Phone[] }[];
const mischief = new Mischief();
/** Each person's messages of earlier connections. */
const past = new Map<string, Buffer[]>();
/** Seed of the connection that a person opens next, and what mixes up their present one. */
const seedOf = new Map<string, number>();
const mixing = new Map<string, Mangler>();

beforeAll(async () => {
  show = await openShow(inject('host'), [...ROOMS]);
  proxy = await Proxy.to(inject('host').port);
  proxy.mangle = (request) => {
    const token = /^authorization: Bearer (.*)$/im.exec(request)?.[1] ?? '';
    const before = past.get(token) ?? [];
    past.set(token, before);
    const mangler = new Mangler(randomFrom(seedOf.get(token) ?? 0), before, mischief);
    mixing.set(token, mangler);
    return mangler;
  };
  stages = [];
  phones = [];
  for (const skuId of ROOMS) {
    await setMode(show, skuId, skuId);
    stages.push(stageOf(show, skuId));
    phones.push({ skuId, phones: await join(show, skuId, PHONES_PER_ROOM, proxy.url) });
  }
  await Promise.all(stages.map((stage) => stage.connect()));
});

afterAll(async () => {
  for (const client of [...stages, ...phones.flatMap((room) => room.phones)]) client.close();
  await proxy.close();
});

it(`does each op once over ${SEEDS} seeds of duplicated, reordered and replayed messages`, async () => {
  console.log(`twice: SEED=${SEED}, connections ${SEED}..${SEED + SEEDS - 1}`);
  const seeds = [...FAILED_ONCE, ...Array.from({ length: SEEDS }, (_, index) => SEED + index)];
  let begun = 0;
  let resets = 0;
  const began = performance.now();
  await Promise.all(
    phones.flatMap(({ phones: people }, room) => {
      // Each room gets its share: one that answers sooner than the others must not get them all.
      const queue = seeds.filter((_, index) => index % ROOMS.length === room);
      const workers = Array.from({ length: AT_ONCE }, (_, worker) =>
        people.filter((_phone, index) => index % AT_ONCE === worker),
      );
      return workers.map(async (own) => {
        for (let turn = 0; queue.length > 0; turn += 1) {
          const seed = queue.shift()!;
          const phone = own[turn % own.length]!;
          begun += 1;
          if (begun % RESET_AFTER === 0) {
            resets += 1;
            await reset(show);
          }
          await connection(phone, seed);
        }
      });
    }),
  );
  const ms = performance.now() - began;
  const verdicts = await Promise.all(
    phones.map(({ skuId, phones: people }, index) => judge(show, skuId, [stages[index]!, ...people])),
  );
  const sum = (what: 'acknowledged' | 'lost' | 'doubled' | 'refused') =>
    verdicts.reduce((total, verdict) => total + verdict[what], 0);
  const codes: Record<string, number> = {};
  for (const { code } of phones.flatMap(({ phones: people }) => people.flatMap(({ nacks }) => nacks))) {
    codes[code] = (codes[code] ?? 0) + 1;
  }
  figures('twice', {
    seeds: seeds.length,
    messages: mischief.frames,
    duplicated: mischief.duplicated,
    reordered: mischief.reordered,
    replayed: mischief.replayed,
    resets,
    acknowledged: sum('acknowledged'),
    refused: sum('refused'),
    'refusals heard': codes,
    lost: sum('lost'),
    'double effects': sum('doubled'),
    'in ms': ms,
  });
  expect(resets).toBeGreaterThan(0);
  for (const what of ['duplicated', 'reordered', 'replayed'] as const) {
    expect(mischief[what], `messages were ${what}`).toBeGreaterThan(seeds.length / 4);
  }
  expect(sum('acknowledged')).toBeGreaterThan(seeds.length);
});

/** One connection: a few taps, all mixed up, each with a final answer. */
async function connection(phone: Phone, seed: number): Promise<void> {
  const random = randomFrom(seed);
  seedOf.set(phone.options.token, seed);
  await phone.connect();
  const taps = 1 + Math.floor(random() * MOST_TAPS);
  for (let tap = 0; tap < taps; tap += 1) {
    phone.tap(1 + Math.floor(random() * 3));
    if (random() < 0.5) await pause(random() * 5);
  }
  // A tap may fall between a reset and the word of it: then it is refused, and that is its answer.
  await allAnswered([phone], ANSWERED_WITHIN_MS).catch((error: unknown) => {
    throw new Error(`seed ${seed}: ${String(error)}`);
  });
  // What was refused and comes twice is decided anew: every copy has an answer, and all of them count.
  const messages = () => mixing.get(phone.options.token)?.messages ?? Infinity;
  await until(
    () => phone.answers >= messages(),
    ANSWERED_WITHIN_MS,
    () =>
      `seed ${seed}: ${phone.answers} answers to ${messages()} messages, closed with ${phone.closed?.code}`,
  );
  expect(phone.broken, `seed ${seed}`).toEqual([]);
  phone.close();
}
