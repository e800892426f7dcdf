/**
 * Time from a tap until everybody has seen it, for a small, a medium and a large audience. The same run measures how many
 * bytes a phone receives, and whether the room's counters agree with the phones' answers.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '#lib/domain/percentile.ts';
import type { Bench, Measure } from '../lib/bench.ts';
import { inRounds } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver, PERCENTILES } from '../lib/figures.ts';
import { SAFE } from '../lib/lanes.ts';
import { stateOf, uncounted, uncountedFigure } from '../lib/meters.ts';
import type { Tapped } from '../lib/open-loop.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import { closeAll, Rooms } from '../lib/rooms.ts';
import type { Granted } from '../lib/seen.ts';
import { seenByAllMs } from '../lib/seen.ts';
import type { Use } from '../lib/use.ts';
import { loadShare, watchUse } from '../lib/use.ts';

/** Taps a second of a crowd, and the most of one of its phones, which stays below 20 messages a second. */
const TAPS = 500;
const TAPS_EACH = 10;
/** Longest wait for the last frames, milliseconds. */
const LAST_FRAMES_MS = 5_000;
/** Target: kilobytes a second to a phone. */
const PHONE_KB = 20;

interface Round {
  tapped: Tapped;
  allMs: number[];
  use: Use;
  deliveries: number;
  kbPerPhone: number;
  gaps: number;
  uncounted: number;
}

export const seen: Measure = { name: 'seen', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const { options } = bench;
  const figures: Figure[] = [];
  const crowds = options.short ? [10, options.sockets] : [10, options.phones, options.sockets];
  for (const people of new Set(crowds)) {
    const rooms = new Rooms(bench, people, { timesFrames: true });
    const perSecond = Math.min(TAPS, TAPS_EACH * people);
    const rounds = await inRounds(bench, `seen by ${people} phones`, (round) =>
      measureRound(bench, rooms, perSecond, round),
    );
    figures.push(...figuresOf(`${people} phones, ${perSecond} taps/s`, rounds, people === options.sockets));
  }
  return figures;
}

async function measureRound(
  { ours, options, groups }: Bench,
  rooms: Rooms,
  perSecond: number,
  seed: number,
): Promise<Round> {
  const { show, skuId, phones } = await rooms.next();
  const granted: Granted[] = [];
  const before = phones.map(({ bytes }) => bytes);
  const watched = watchUse(groups.ours);
  const tapped = await tapUntilAnswered(phones, {
    perSecond,
    seconds: options.seconds,
    seed,
    saysSeen: true,
    onAnswer: ({ seq, ms, atMs, outcome }) => {
      if (outcome === 'allocated') granted.push({ seq, tappedAtMs: atMs - ms });
    },
  });
  const use = watched();
  const bytes = phones.reduce((sum, phone, index) => sum + phone.bytes - (before[index] ?? 0), 0);
  const deliveries = phones.reduce((sum, { frames }) => sum + frames, 0);
  const lastSeq = Math.max(0, ...granted.map(({ seq }) => seq));
  const endMs = performance.now() + LAST_FRAMES_MS;
  while (phones.some(({ seq }) => seq < lastSeq) && performance.now() < endMs) await pause(10);
  const allMs = seenByAllMs(
    granted,
    phones.map((phone) => phone.seen),
  );
  const state = await stateOf(ours, show, skuId);
  closeAll(phones);
  return {
    tapped,
    allMs,
    use,
    deliveries,
    kbPerPhone: bytes / phones.length / 1_000 / use.wallSeconds,
    gaps: phones.reduce((sum, { gaps }) => sum + gaps, 0),
    uncounted: uncounted(state, SAFE, tapped.outcomes),
  };
}

function figuresOf(crowd: string, rounds: Round[], isLarge: boolean): Figure[] {
  const [last] = rounds.slice(-1);
  const late = Math.max(...rounds.map(({ tapped }) => tapped.lateMs)).toFixed(1);
  const note = last ? `${loadShare(last.use)}; its taps were up to ${late} ms late (p99)` : '';
  const figure = figuresOver(rounds);
  const all = PERCENTILES.map((share) =>
    figure(`${crowd}: tap → seen by all, p${100 * share}`, 'ms', ({ allMs }) => percentile(allMs, share), {
      ...(share === 0.99 && isLarge && { target: { atMost: 250 } }),
      ...(share === 0.5 && { note }),
    }),
  );
  const acks = PERCENTILES.map((share) =>
    figure(`${crowd}: ack p${100 * share}`, 'ms', ({ tapped }) => percentile(tapped.ms, share)),
  );
  return [
    ...all,
    ...acks,
    figure(`${crowd}: frames delivered`, '/s', ({ deliveries, use }) => deliveries / use.wallSeconds),
    figure(`${crowd}: received by a phone`, 'kB/s', ({ kbPerPhone }) => kbPerPhone, {
      target: { atMost: PHONE_KB },
    }),
    figure(`${crowd}: gaps in the streams`, '', ({ gaps }) => gaps, { target: { exactly: 0 } }),
    uncountedFigure(
      crowd,
      rounds.map((round) => round.uncounted),
    ),
  ];
}
