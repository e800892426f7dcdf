/** Phones that tap, each at its own uneven pace, from a seed so that a run can be repeated. */
import { setTimeout as pause } from 'node:timers/promises';
import { randomFrom } from '#lib/rehearsal/random.ts';
import type { Phone } from './phone.ts';

/** How often due taps are made, milliseconds. */
const LOOK_EVERY_MS = 4;
/** How far the time between two taps may differ from its mean, as a share of it. */
const UNEVENNESS = 0.5;
const LAST_ANSWERS_MS = 20_000;

/** Makes connected phones tap for a time, each `rate` times a second. Returns the number of taps. */
export async function hammer(
  phones: readonly Phone[],
  { rate, seconds, seed }: { rate: number; seconds: number; seed: number },
  onLook: () => void,
): Promise<number> {
  const random = randomFrom(seed);
  const periodMs = 1_000 / rate;
  const startMs = performance.now();
  const due = phones.map(() => startMs + random() * periodMs);
  const endMs = startMs + seconds * 1_000;
  let taps = 0;
  while (performance.now() < endMs) {
    const nowMs = performance.now();
    for (const [index, phone] of phones.entries()) {
      if ((due[index] ?? Infinity) > nowMs) continue;
      due[index] = (due[index] ?? nowMs) + periodMs * (1 - UNEVENNESS + 2 * UNEVENNESS * random());
      if (!phone.open) continue;
      phone.tap();
      taps += 1;
    }
    onLook();
    await pause(LOOK_EVERY_MS);
  }
  return taps;
}

/** Waits until every tap is answered, or time is up. Returns the number of taps without an answer. */
export async function answersOf(phones: readonly Phone[], withinMs = LAST_ANSWERS_MS): Promise<number> {
  const open = () => sum(phones, ({ waiting }) => waiting.size);
  const endMs = performance.now() + withinMs;
  while (open() > 0 && performance.now() < endMs) await pause(LOOK_EVERY_MS);
  return open();
}

/** The sum of what each of many says. */
export function sum<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((total, each) => total + of(each), 0);
}
