/** One idle phone in a room that sleeps: the tap wakes it, and is answered before anybody would call it slow. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { join, openShow } from '../support/crowd.ts';
import type { Show } from '../support/crowd.ts';
import type { Phone } from '../support/phone.ts';
import { atMost, figures, LONG, p95, spread } from '../support/run.ts';
import { judge } from '../support/verdict.ts';

/** The rooms of a show sleep side by side, each with one phone. */
const ROOMS = ['ash', 'beech', 'cedar', 'elm', 'fir'];
const ROUNDS = LONG ? 6 : 1;
/** A room sleeps after 10 s without anything, and has this long to fall asleep. */
const SILENCE_MS = 12_500;
const ANSWERED_P95_MS = 100;

let show: Show;
let phones: Phone[];

beforeAll(async () => {
  show = await openShow(inject('host'), ROOMS);
  phones = await Promise.all(
    ROOMS.map(async (skuId) => {
      const [phone] = await join(show, skuId, 1);
      await phone!.connect();
      return phone!;
    }),
  );
});

afterAll(() => {
  for (const phone of phones) phone.close();
});

it(`answers the tap that wakes a room, ${ROUNDS * ROOMS.length} times`, async () => {
  const wakingMs: number[] = [];
  const awakeMs: number[] = [];
  let lives = await livesOf();
  for (let round = 0; round < ROUNDS; round += 1) {
    await pause(SILENCE_MS);
    for (const phone of phones) {
      wakingMs.push((await phone.buy()).ms);
      awakeMs.push((await phone.buy()).ms);
    }
    const now = await livesOf();
    for (const [index, { instance, wakes }] of now.entries()) {
      expect(instance, `${ROOMS[index]} slept`).not.toBe(lives[index]!.instance);
      expect(wakes, `${ROOMS[index]} woke once`).toBe(lives[index]!.wakes + 1);
    }
    lives = now;
  }
  for (const [index, phone] of phones.entries()) await judge(show, ROOMS[index]!, [phone]);
  figures('wake', {
    'rooms woken': wakingMs.length,
    'silent for ms': SILENCE_MS,
    'tap to answer, asleep': spread(wakingMs),
    'tap to answer, awake': spread(awakeMs),
  });
  expect(phones.every(({ closed }) => closed === null)).toBe(true);
  expect(p95(wakingMs)).toBeLessThanOrEqual(atMost(ANSWERED_P95_MS));
});

/** Which life each room is in, as a newcomer is told. */
async function livesOf(): Promise<{ instance: string; wakes: number }[]> {
  return Promise.all(
    ROOMS.map(async (skuId) => {
      const [newcomer] = await join(show, skuId, 1);
      const { instance, wakes } = await newcomer!.connect();
      newcomer!.close();
      return { instance, wakes };
    }),
  );
}
