/** Chance that can be had again: everything in a rehearsal that is not a person's tap follows from one seed. */

/** 0 ≤ x < 1. */
export type Random = () => number;

/** A stream of numbers from a seed (mulberry32: good enough for thumbs, and it fits in five lines). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Another stream for each name, so that what one thing draws never shifts what another one does. */
export function randomFor(seed: number, name: string): Random {
  let hash = 0x811c9dc5 ^ seed;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return randomFrom(hash);
}

/** A UUID (version 4) of a stream. */
export function uuidFrom(random: Random): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  digits[12] = '4';
  digits[16] = (8 + Math.floor(random() * 4)).toString(16);
  const part = (from: number, to: number) => digits.slice(from, to).join('');
  return [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join('-');
}

/** A pause between two taps of one thumb, milliseconds: many short ones, a few long ones (log-normal around the median). */
export function thumbPause(random: Random, medianMs: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return medianMs * Math.exp(0.45 * normal);
}
