/** A room that is offered more than it takes: who was served, who was sent away, and when it is itself again. */
import { setTimeout as pause } from 'node:timers/promises';
import { quantile, median } from '../../scripts/crowd/samples.mjs';
import type { Answer, RawPhone } from './raw-phone.ts';
import { tapOnce } from './raw-phone.ts';

/** Lone taps by which an idle room is known, and the pause between two of them, milliseconds. */
const LONE_TAPS = 12;
const LONE_APART_MS = 60;
/** A lone tap is answered as on an idle room when it takes at most so many times the idle room's p95, and at least this. */
const LIKE_IDLE = 2;
const LIKE_IDLE_MS = 5;
/** How long a room may take to recover until it is given up, milliseconds. */
const GIVEN_UP_MS = 20_000;

/** Answers of an overload, as they come. */
export class Served {
  /** From the try that was accepted to its answer, milliseconds. */
  readonly ms: number[] = [];
  /** Those that were accepted while the load lasted. */
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

  get busyShare(): number {
    return this.busy / Math.max(1, this.busy + this.ms.length);
  }

  /** Most ops accepted from one phone ÷ fewest; Infinity when somebody got nothing. */
  get spread(): number {
    const counts = [...this.#byPhone.values()];
    return Math.max(...counts) / Math.min(...counts);
  }

  /** Share of tries after a BUSY, made when it said, that were accepted; NaN when nobody came back. */
  get honest(): number {
    return this.#cameBack / (this.#cameBack + this.#sentAwayAgain);
  }
}

/** Milliseconds that a lone tap takes on the room as it is, median and p95. */
export async function loneTap(phone: RawPhone): Promise<{ p50: number; p95: number }> {
  const ms: number[] = [];
  for (let tap = 0; tap < LONE_TAPS; tap += 1) {
    ms.push((await tapOnce(phone)).ms);
    await pause(LONE_APART_MS);
  }
  return { p50: median(ms), p95: quantile(ms, 0.95) };
}

/** Milliseconds from now until the answer to a lone tap that was as fast as on the idle room. */
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
