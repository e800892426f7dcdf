/** One phone's answer beside the bare objects': in a quiet room, and in one that really fell asleep. */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '#lib/domain/percentile.ts';
import { tapOnce } from '../../scripts/crowd/phone.ts';
import type { Measure } from '../lib/bench.ts';
import { closeAll, connectAll } from '../lib/bench.ts';
import type { Target } from '../lib/figures.ts';
import { figureOf, figuresOver } from '../lib/figures.ts';

/** Taps of a round on each side: far below the 200 that a phone may make at once. */
const TAPS = 40;
const SHORT_TAPS = 15;
/** Between two taps on any side, milliseconds: less than 20 messages a second of a socket, and the room is quiet again. */
const APART_MS = 25;
/** Whose taps take turns. */
const SIDES = ['ours', 'write', 'echo'] as const;
const NAMES = { write: 'bare, one write', echo: 'bare echo' };

/** One phone in a quiet room: from tap to answer, beside the bare objects. */
export const idle: Measure = {
  name: 'idle',
  async run(bench) {
    const { ours, options } = bench;
    const { show } = await bench.openShow();
    const taps = options.short ? SHORT_TAPS : TAPS;
    const measure = async (round: number) => {
      const phones = await connectAll([
        // A round has a phone of its own, and with it a full rate limit.
        bench.phone(await ours.join(show)),
        ...bench.barePhones('write', `idle-${round}`, 1),
        ...bench.barePhones('echo', `idle-${round}`, 1),
      ]);
      const ms = { ours: [] as number[], write: [] as number[], echo: [] as number[] };
      for (let tap = 0; tap < taps; tap += 1) {
        for (const [place, phone] of phones.entries()) {
          ms[SIDES[place] ?? 'ours'].push((await tapOnce(phone)).ms);
          await pause(APART_MS);
        }
      }
      closeAll(phones);
      return ms;
    };
    const rounds = await bench.rounds('idle', measure, { warmsUp: true });
    const figure = figuresOver(rounds);
    const beside = (side: keyof typeof NAMES, share: number, target?: Target) =>
      figure(`tap → ack on an idle room, p${100 * share}`, 'ms', (round) => percentile(round.ours, share), {
        beside: [NAMES[side], (round) => percentile(round[side], share)],
        target,
      });
    // A round is too small for a 99th percentile: all rounds together are one sample.
    const all = (side: 'ours' | 'write') => rounds.flatMap((round) => round[side]);
    return [
      beside('write', 0.5, { ratioAtMost: 1.5 }),
      beside('echo', 0.5),
      beside('write', 0.95),
      figureOf({
        what: 'tap → ack on an idle room, p99 of all rounds',
        unit: 'ms',
        ours: [percentile(all('ours'), 0.99)],
        beside: { what: NAMES.write, samples: [percentile(all('write'), 0.99)] },
      }),
    ];
  },
};

/** Silence before a tap, milliseconds: an object hibernates after 10 s of it (ARCHITECTURE.md, the platform). */
const SLEEP_MS = 12_000;
/** Rooms of a show, which sleep at the same time. */
const ROOMS = 5;
/** Sleeps in a run; each gives one sample per room. */
const MAX_SLEEPS = 5;

/** The first answer after hibernation: rooms and bare objects really fall asleep, side by side. */
export const wake: Measure = {
  name: 'wake',
  async run(bench) {
    const show = await bench.openShow({ rooms: ROOMS });
    const sessions = await bench.ours.joinAll(show.show, ROOMS);
    const pairs = sessions.map((session, index) => ({
      ours: bench.phone(session, show.skuIds[index]),
      write: bench.barePhones('write', `wake-${index}`, 1),
    }));
    const phones = await connectAll(pairs.flatMap(({ ours, write }) => [ours, ...write]));
    const samples = { ours: [] as number[], write: [] as number[] };
    const sleeps = Math.min(MAX_SLEEPS, bench.options.rounds);
    for (let sleep = 1; sleep <= sleeps; sleep += 1) {
      // Every phone taps once, so that a waking room has something to read.
      for (const phone of phones) await tapOnce(phone);
      bench.say(`wake: sleep ${sleep} of ${sleeps}, ${SLEEP_MS / 1_000} s`);
      await pause(SLEEP_MS);
      for (const [index, { ours, write }] of pairs.entries()) {
        const sides = [
          ...write.map((phone) => ({ phone, ms: samples.write })),
          { phone: ours, ms: samples.ours },
        ];
        // Who is asked first takes turns, because the first one also finds the machine's processors asleep.
        const inTurn = (sleep + index) % 2 === 0 ? sides.toReversed() : sides;
        for (const { phone, ms } of inTurn) ms.push((await tapOnce(phone)).ms);
      }
    }
    closeAll(phones);
    // A welcome names the lives that a room has had, the first one included.
    const again = await connectAll(show.skuIds.map((skuId) => bench.phone(show, skuId)));
    closeAll(again);
    return [
      figureOf({
        what: `first answer after ${SLEEP_MS / 1_000} s of silence`,
        unit: 'ms',
        ours: samples.ours,
        beside: { what: 'bare, one write', samples: samples.write },
        target: { ratioAtMost: 1.5 },
      }),
      figureOf({
        what: 'times that each room had slept',
        unit: '',
        ours: again.map(({ wakes }) => wakes - 1),
        target: { exactly: sleeps },
        note: 'by the count of its lives that a welcome tells',
      }),
    ];
  },
};
