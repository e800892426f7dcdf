/**
 * A show as on stage: phones that tap at their own pace, and a stage. Measures the latency of answers, when everybody has
 * seen the last event, and whether any event was missing.
 */
import { setTimeout as pause } from 'node:timers/promises';
import * as v from 'valibot';
import { percentile } from '#lib/domain/percentile.ts';
import type { Bench, Measure } from '../lib/bench.ts';
import { inRounds } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver, PERCENTILES } from '../lib/figures.ts';
import { roomState } from '../lib/meters.ts';
import type { Tapped } from '../lib/open-loop.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import type { RawPhone } from '../lib/raw-phone.ts';
import { barePhones, closeAll, connectAll, phoneOf, Rooms } from '../lib/rooms.ts';
import { loadShare, watchUse } from '../lib/use.ts';

/** Longest wait for the last frames, milliseconds: by then the target is missed anyway. */
const LAST_FRAMES_MS = 5_000;
const newest = v.pipe(v.string(), v.parseJson(), v.object({ state: roomState }));

interface Round {
  ours: Tapped;
  write: Tapped;
  gaps: number;
  unlike: number;
  seenByAllMs: number;
  load: string;
}

export const phones: Measure = { name: 'phones', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const habits = { timesFrames: true, keepsNewest: true, mode: bench.options.lane };
  const rooms = new Rooms(bench, bench.options.phones, habits);
  return figures(bench, await inRounds(bench, 'phones', (round) => measureRound(bench, rooms, round)));
}

async function measureRound(
  { ours, bare, options, groups }: Bench,
  rooms: Rooms,
  seed: number,
): Promise<Round> {
  const { phones: people, taps, seconds } = options;
  const pace = { perSecond: people * taps, seconds, seed };
  const { show, skuId, phones: audience } = await rooms.next();
  const stage = phoneOf(ours, show, skuId, { timesFrames: true, keepsNewest: true });
  await connectAll([stage]);
  const last = { seq: 0, tappedAtMs: 0 };
  const watched = watchUse(groups.ours);
  const tapped = await tapUntilAnswered(audience, {
    ...pace,
    saysSeen: true,
    onAnswer: ({ seq, atMs, ms }) => {
      last.seq = Math.max(last.seq, seq);
      last.tappedAtMs = Math.max(last.tappedAtMs, atMs - ms);
    },
  });
  const load = loadShare(watched());
  const all = [stage, ...audience];
  const seenByAllMs = await untilSeen(all, last.seq, last.tappedAtMs);
  const gaps = all.reduce((sum, phone) => sum + phone.gaps, 0);
  const unlike = unlikeThe(stage, audience);
  closeAll(all);
  const others = await barePhones(bare, 'write', `phones-${seed}`, people);
  const write = await tapUntilAnswered(others, pace);
  closeAll(others);
  return { ours: tapped, write, gaps, unlike, seenByAllMs, load };
}

/** Milliseconds from the last tap until every phone saw the event of the last allocation. */
async function untilSeen(all: RawPhone[], seq: number, lastTapMs: number): Promise<number> {
  const endMs = performance.now() + LAST_FRAMES_MS;
  while (all.some((phone) => phone.seq < seq) && performance.now() < endMs) await pause(10);
  const seenMs = all.map((phone) => phone.seen.find((frame) => frame.seq >= seq)?.atMs ?? Infinity);
  return Math.max(0, Math.max(...seenMs) - lastTapMs);
}

/** Number of phones whose counters differ from the stage's at the end. */
function unlikeThe(stage: RawPhone, audience: RawPhone[]): number {
  const counters = (phone: RawPhone) => {
    const { lanes } = v.parse(newest, phone.newest).state;
    return JSON.stringify(Object.values(lanes).map(({ acknowledged, stored }) => [acknowledged, stored]));
  };
  const truth = counters(stage);
  return audience.filter((phone) => counters(phone) !== truth).length;
}

function figures({ options }: Bench, rounds: Round[]): Figure[] {
  const { phones: count, taps, seconds, lane } = options;
  const outcomes = rounds.map(({ ours }) => JSON.stringify(ours.outcomes)).join(' ');
  const figure = figuresOver(rounds);
  const crowd = `${count} phones × ${taps} taps/s for ${seconds} s, ${lane}`;
  const answers = PERCENTILES.map((share) =>
    figure(`${crowd}: ack p${100 * share}`, 'ms', ({ ours }) => percentile(ours.ms, share), {
      beside: ['bare, one write', ({ write }) => percentile(write.ms, share)],
      ...(share === 0.95 && { target: { atMost: 150 } }),
      ...(share === 0.5 && { note: `${outcomes}; ${rounds.at(-1)?.load}` }),
    }),
  );
  const none = { target: { exactly: 0 } };
  return [
    ...answers,
    figure('last tap → its event seen by every phone and the stage', 'ms', ({ seenByAllMs }) => seenByAllMs, {
      target: { atMost: 1_000 },
    }),
    figure('gaps in the streams', '', ({ gaps }) => gaps, none),
    figure('phones whose final counters differ from the stage’s', '', ({ unlike }) => unlike, none),
    figure('taps without an answer', '', ({ ours }) => ours.unanswered, none),
  ];
}
