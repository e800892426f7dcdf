/**
 * Overload in two forms: clients with many ops in flight that return when a BUSY says so, and taps at 1.5 × the rate that the
 * room can answer, whatever it answers. Accepted ops should stay quick, no phone should be starved, and the room should
 * recover afterwards.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '#lib/domain/percentile.ts';
import { randomFrom } from '#lib/rehearsal/random.ts';
import { answersOf } from '../../scripts/crowd/hammering.ts';
import type { Answer, Phone } from '../../scripts/crowd/phone.ts';
import { tapOnce } from '../../scripts/crowd/phone.ts';
import type { Measure } from '../lib/bench.ts';
import { closeAll } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver, median } from '../lib/figures.ts';
import { tapAtPace } from '../lib/open-loop.ts';
import { comeBackMs, saturate } from '../lib/saturate.ts';
import { short } from '../lib/table.ts';

/** Longest overload, seconds: a participant's 200 tokens last this long. */
const MAX_SECONDS = 5;
/** Fewer phones cannot send more than a room takes without counting as floods. */
const FEWEST_PHONES = 800;
const SLICE_MS = 2_500;
/** Pause after a slice, so that no socket sends for two seconds in a row, milliseconds. */
const APART_MS = 2_100;
/**
 * Messages a second of a socket: half of the 20 that count as a flood when they last. A late room reads everything that
 * waited at once; even then two seconds of it with 16 ops in flight stay below two seconds of a flood: 16 + 2 × 10 < 2 × 20.
 */
const SAID_AT_MOST = 10;
const IN_FLIGHT = 16;
const OFFERED = 1.5;

/** A room's phones, one of which takes no part in the overload. */
interface Crowd {
  probe: Phone;
  phones: Phone[];
}
/** One overload. */
interface Overload {
  served: Served;
  acceptedPerSecond: number;
  recoveryMs: number;
}
interface Round {
  perSecond: number;
  idleMs: number;
  closed: Overload;
  open: Overload;
}

export const overload: Measure = {
  name: 'overload',
  longOnly: true,
  async run(bench) {
    const next = bench.roomsFor(Math.max(bench.options.sockets, FEWEST_PHONES));
    const seconds = Math.min(bench.options.seconds, MAX_SECONDS);
    const durationMs = 1_000 * seconds;
    const load = { counts: 'allocated', group: bench.groups.ours, atMostPerSecond: SAID_AT_MOST };

    /** Each part has a room of its own, because one room would be sold out. */
    const inNext = async <T>(work: (crowd: Crowd) => Promise<T>): Promise<T> => {
      const [probe, ...phones] = (await next()).phones;
      if (!probe) throw new Error('No phone');
      const made = await work({ probe, phones });
      closeAll([probe, ...phones]);
      return made;
    };
    const measure = async (seed: number): Promise<Round> => {
      const { idle, perSecond } = await inNext(async ({ probe, phones }) => {
        const idle = await loneTap(probe);
        const most = await saturate(phones, { ...load, inFlight: 1, durationMs: SLICE_MS });
        return { idle, perSecond: most.perSecond };
      });
      /** Runs an overload; `hammer` resolves when the last answers have come, and calls `ended` when the last tap was made. */
      const overloaded = async (
        hammer: (phones: Phone[], served: Served, ended: () => void, endMs: number) => Promise<unknown>,
      ) => {
        await pause(APART_MS);
        return inNext(async ({ probe, phones }) => {
          const endMs = performance.now() + durationMs;
          const served = new Served(phones, endMs);
          const recovery = Promise.withResolvers<number>();
          await hammer(phones, served, () => recovery.resolve(untilIdle(probe, idle.p95)), endMs);
          const recoveryMs = await recovery.promise;
          const others = [...served.others].join(', ');
          if (others !== '') throw new Error(`The room also answered ${others}.`);
          return { served, acceptedPerSecond: served.inTime / seconds, recoveryMs };
        });
      };
      const closed = await overloaded((phones, served, onEnd) =>
        saturate(phones, {
          ...load,
          inFlight: IN_FLIGHT,
          durationMs,
          onAnswer: (answer, phone) => served.take(answer, phone),
          onEnd,
        }),
      );
      const open = await overloaded(async (phones, served, onEnd, endMs) => {
        const random = randomFrom(seed);
        const onAnswer: Parameters<typeof tapAtPace>[1]['onAnswer'] = (answer, phone) => {
          served.take(answer, phone);
          const { op, outcome, retryAfterMs } = answer;
          if (outcome !== 'BUSY') return;
          const again = () => performance.now() < endMs && phone.tap(op);
          setTimeout(again, comeBackMs(retryAfterMs, random));
        };
        await tapAtPace(phones, { perSecond: OFFERED * perSecond, seconds, seed, onAnswer });
        onEnd();
        await answersOf(phones);
      });
      return { perSecond, idleMs: idle.p50, closed, open };
    };
    const rounds = await bench.rounds('overload', measure);
    return [
      ...figures(`${IN_FLIGHT} in flight each`, rounds, ({ closed }) => closed),
      ...figures(`${OFFERED} × saturation offered`, rounds, ({ open }) => open),
    ];
  },
};

function figures(load: string, rounds: Round[], of: (round: Round) => Overload): Figure[] {
  const figure = figuresOver(rounds.map((round) => ({ ...of(round), perSecond: round.perSecond })));
  const what = `overload, ${load}`;
  const honest = rounds.map((round) => short(100 * of(round).served.honest)).join(', ');
  const idle = rounds.map(({ idleMs }) => idleMs.toFixed(1)).join(', ');
  return [
    figure(`${what}: accepted ops’ ack p99`, 'ms', ({ served }) => percentile(served.ms, 0.99), {
      target: { atMost: 500 },
    }),
    figure(`${what}: answers that were BUSY`, '%', ({ served }) => 100 * served.busyShare, {
      note: `of those that came back when told, so many % were accepted: ${honest}`,
    }),
    figure(`${what}: ops accepted`, '/s', ({ acceptedPerSecond }) => acceptedPerSecond, {
      beside: ['saturation', ({ perSecond }) => perSecond],
    }),
    figure(`${what}: most ÷ fewest ops accepted from a phone`, '×', ({ served }) => served.spread, {
      target: { atMost: 2 },
    }),
    figure(
      `${what}: until a lone tap is answered as on the idle room`,
      'ms',
      ({ recoveryMs }) => recoveryMs,
      { target: { atMost: 2_000 }, note: `idle: ${idle} ms` },
    ),
  ];
}

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
  readonly #byPhone = new Map<Phone, number>();
  readonly #sentAway = new Set<string>();
  #cameBack = 0;
  #sentAwayAgain = 0;
  readonly #endMs: number;

  /** @param endMs when the load ends, on the process's monotonic clock */
  constructor(phones: readonly Phone[], endMs: number) {
    this.#endMs = endMs;
    for (const phone of phones) this.#byPhone.set(phone, 0);
  }

  /** Counts one answer. */
  take({ op, outcome, ms, atMs }: Answer, phone: Phone): void {
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
export async function loneTap(phone: Phone): Promise<{ p50: number; p95: number }> {
  const ms: number[] = [];
  for (let tap = 0; tap < LONE_TAPS; tap += 1) {
    ms.push((await tapOnce(phone)).ms);
    await pause(LONE_APART_MS);
  }
  return { p50: median(ms), p95: percentile(ms, 0.95) };
}

/** Milliseconds from now until a lone tap is answered as fast as on the idle room. */
export async function untilIdle(phone: Phone, idleP95Ms: number): Promise<number> {
  const startMs = performance.now();
  const enoughMs = Math.max(LIKE_IDLE_MS, LIKE_IDLE * idleP95Ms);
  while (performance.now() - startMs < GIVEN_UP_MS) {
    const { ms, atMs, outcome } = await tapOnce(phone);
    if (outcome === 'allocated' && ms <= enoughMs) return atMs - startMs;
    await pause(LONE_APART_MS);
  }
  return Infinity;
}
