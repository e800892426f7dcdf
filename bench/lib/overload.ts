/** A room that is offered more than it can take: which ops were accepted, which refused, and when it has recovered. */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '#lib/domain/percentile.ts';
import { median } from './figures.ts';
import type { Answer, RawPhone } from './raw-phone.ts';
import { tapOnce } from './raw-phone.ts';

/** Lone taps that measure an idle room, and the pause between two of them, milliseconds. */
const LONE_TAPS = 12;
const LONE_APART_MS = 60;
/** The room counts as recovered when a lone tap takes at most this many times the idle p95, or {@link LIKE_IDLE_MS}. */
const LIKE_IDLE = 2;
const LIKE_IDLE_MS = 5;
/** Longest wait for a room to recover, milliseconds. */
const GIVEN_UP_MS = 20_000;

/** Counts the answers of an overload as they arrive. */
export class Served {
  /** Of each accepted op, from its last try to the answer, milliseconds. */
  readonly ms: number[] = [];
  /** Ops that were accepted while the load lasted. */
  inTime = 0;
  busy = 0;
  /** Codes that are neither success nor BUSY. */
  readonly others = new Set<string>();
  readonly #byPhone = new Map<RawPhone, number>();
  readonly #sentAway = new Set<string>();
  #cameBack = 0;
  #sentAwayAgain = 0;

  readonly #endMs: number;

  /** @param endMs when the load ends, on the process's monotonic clock */
  constructor(phones: readonly RawPhone[], endMs: number) {
    this.#endMs = endMs;
    for (const phone of phones) this.#byPhone.set(phone, 0);
  }

  /** Counts one answer. */
  take({ op, outcome, ms, atMs }: Answer, phone: RawPhone): void {
    const isReturn = this.#sentAway.has(op);
    if (outcome === 'allocated') {
      this.ms.push(ms);
      if (atMs <= this.#endMs) this.inTime += 1;
      this.#byPhone.set(phone, (this.#byPhone.get(phone) ?? 0) + 1);
      if (isReturn) this.#cameBack += 1;
      this.#sentAway.delete(op);
    } else if (outcome === 'BUSY') {
      this.busy += 1;
      if (isReturn) this.#sentAwayAgain += 1;
      this.#sentAway.add(op);
    } else this.others.add(outcome);
  }

  /** Share of all answers that are BUSY. */
  get busyShare(): number {
    return this.busy / Math.max(1, this.busy + this.ms.length);
  }

  /** Most ops accepted from one phone ÷ fewest; Infinity when a phone got none. */
  get spread(): number {
    const counts = [...this.#byPhone.values()];
    return Math.max(...counts) / Math.min(...counts);
  }

  /** Share of the tries made after a BUSY's `retryAfterMs` that were accepted; NaN when there was none. */
  get honest(): number {
    return this.#cameBack / (this.#cameBack + this.#sentAwayAgain);
  }
}

/** Round trips of lone taps on the room as it is now: median and p95, milliseconds. */
export async function loneTap(phone: RawPhone): Promise<{ p50: number; p95: number }> {
  const ms: number[] = [];
  for (let tap = 0; tap < LONE_TAPS; tap += 1) {
    ms.push((await tapOnce(phone)).ms);
    await pause(LONE_APART_MS);
  }
  return { p50: median(ms), p95: percentile(ms, 0.95) };
}

/** Milliseconds from now until a lone tap is answered as fast as on the idle room. */
export async function untilIdle(phone: RawPhone, idleP95Ms: number): Promise<number> {
  const startMs = performance.now();
  const enoughMs = Math.max(LIKE_IDLE_MS, LIKE_IDLE * idleP95Ms);
  while (performance.now() - startMs < GIVEN_UP_MS) {
    const { ms, atMs, outcome } = await tapOnce(phone);
    if (outcome === 'allocated' && ms <= enoughMs) return atMs - startMs;
    await pause(LONE_APART_MS);
  }
  return Infinity;
}
