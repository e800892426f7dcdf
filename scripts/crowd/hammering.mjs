/** Phones that tap, each at its own uneven pace, from a seed so that a run can be repeated. */
import { setTimeout as pause } from 'node:timers/promises';
import { randomFrom } from '#lib/rehearsal/random.ts';

/** How often due taps are made, milliseconds. */
const LOOK_EVERY_MS = 4;
/** How far the time between two taps may differ from its mean, as a share of it. */
const UNEVENNESS = 0.5;

/**
 * What {@link hammer} needs of a phone.
 * @typedef {object} Tapper
 * @property {boolean} open
 * @property {() => unknown} tap
 * @property {{ readonly size: number }} waiting taps without an answer
 */

/**
 * @typedef {object} Hammering
 * @property {number} rate taps a second of each phone
 * @property {number} seconds
 * @property {number} seed
 * @property {() => void} [onLook] called every few milliseconds
 */

/**
 * Makes connected phones tap for a time.
 * @param {readonly Tapper[]} phones
 * @param {Hammering} hammering
 * @returns {Promise<number>} taps made
 */
export async function hammer(phones, { rate, seconds, seed, onLook }) {
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
    onLook?.();
    await pause(LOOK_EVERY_MS);
  }
  return taps;
}

/**
 * Waits until every tap is answered, or time is up.
 * @param {readonly Tapper[]} phones
 * @param {number} withinMs
 * @returns {Promise<number>} taps without an answer
 */
export async function answersOf(phones, withinMs) {
  const open = () => phones.reduce((sum, phone) => sum + phone.waiting.size, 0);
  const endMs = performance.now() + withinMs;
  while (open() > 0 && performance.now() < endMs) await pause(LOOK_EVERY_MS);
  return open();
}
