/**
 * A room as it is on stage: phones that tap at their own pace and a projector that shows it. How long an answer takes,
 * when everybody has seen the end, and whether anything was missing in between.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Phone } from '../../scripts/crowd/phone.mjs';
import { answersOf, hammer } from '../../scripts/crowd/hammering.mjs';
import { count, quantile } from '../../scripts/crowd/samples.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import { barePhones, closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

const LAST_ANSWERS_MS = 10_000;
/** How long is waited for the last frames: beyond it, a figure of more than a second is missed anyway. */
const LAST_FRAMES_MS = 5_000;
const QUANTILES = [0.5, 0.95, 0.99] as const;

/** What a round of tapping gave. */
interface Tapped {
  ms: number[];
  outcomes: Record<string, number>;
  unanswered: number;
  lastSeq: number;
  lastTapMs: number;
  loadCpu: number;
}
interface Round {
  ours: Tapped;
  write: Tapped;
  gaps: number;
  unlike: number;
  seenByAllMs: number;
}

export const phones: Measure = { name: 'phones', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const rounds: Round[] = [];
  for (let round = 1; round <= bench.options.rounds; round += 1) {
    rounds.push(await measureRound(bench, round));
    bench.say(`phones: round ${round} of ${bench.options.rounds}`);
  }
  return figures(bench, rounds);
}

async function measureRound(bench: Bench, round: number): Promise<Round> {
  const { ours, bare, debugToken, options } = bench;
  const show = await openShow(ours, debugToken);
  await ours.call('/demo/control', { token: show.token, body: { skuId: 'room-1', mode: options.lane } });
  const sessions = await ours.joinAll(show.show, options.phones);
  const audience = sessions.map((session) => phoneOf(ours, session, 'room-1', { timesFrames: true }));
  const stage = phoneOf(ours, show, 'room-1', { timesFrames: true });
  await connectAll([stage, ...audience]);
  const tapped = await tap(audience, bench, round);
  const seenByAllMs = await untilSeen([stage, ...audience], tapped.lastSeq, tapped.lastTapMs);
  const gaps = [stage, ...audience].reduce((sum, phone) => sum + phone.gaps, 0);
  const unlike = unlikeThe(stage, audience);
  closeAll([stage, ...audience]);
  const others = await barePhones(bare, 'write', `phones-${round}`, options.phones);
  const write = await tap(others, bench, round);
  closeAll(others);
  return { ours: tapped, write, gaps, unlike, seenByAllMs };
}

async function tap(audience: Phone[], { options }: Bench, seed: number): Promise<Tapped> {
  const tapped: Tapped = { ms: [], outcomes: {}, unanswered: 0, lastSeq: 0, lastTapMs: 0, loadCpu: 0 };
  for (const phone of audience) {
    phone.onAnswer = ({ ms, atMs, outcome, seq }) => {
      count(tapped.outcomes, outcome);
      tapped.ms.push(ms);
      tapped.lastSeq = Math.max(tapped.lastSeq, seq);
      tapped.lastTapMs = Math.max(tapped.lastTapMs, atMs - ms);
    };
  }
  const cpuBefore = process.cpuUsage();
  await hammer(audience, { rate: options.taps, seconds: options.seconds, seed });
  tapped.unanswered = await answersOf(audience, LAST_ANSWERS_MS);
  const cpu = process.cpuUsage(cpuBefore);
  tapped.loadCpu = (cpu.user + cpu.system) / 1e6 / options.seconds;
  return tapped;
}

/** Milliseconds from the last tap until the last of them saw the event of the last allocation. */
async function untilSeen(all: Phone[], seq: number, lastTapMs: number): Promise<number> {
  const endMs = performance.now() + LAST_FRAMES_MS;
  while (all.some((phone) => phone.seq < seq) && performance.now() < endMs) await pause(10);
  const seenMs = all.map((phone) => phone.seen.find((frame) => frame.seq >= seq)?.atMs ?? Infinity);
  return Math.max(0, Math.max(...seenMs) - lastTapMs);
}

/** Phones whose counters are not those of the stage in the end. */
function unlikeThe(stage: Phone, audience: Phone[]): number {
  const counters = (phone: Phone) => {
    const { lanes } = phone.state() as { lanes: Record<string, { acknowledged: number; stored: number }> };
    return JSON.stringify(Object.values(lanes).map(({ acknowledged, stored }) => [acknowledged, stored]));
  };
  return audience.filter((phone) => counters(phone) !== counters(stage)).length;
}

function figures({ options }: Bench, rounds: Round[]): Figure[] {
  const { phones: count, taps, seconds, lane } = options;
  const load = Math.round(100 * Math.max(...rounds.map(({ ours }) => ours.loadCpu)));
  const outcomes = rounds.map(({ ours }) => JSON.stringify(ours.outcomes)).join(' ');
  const answers = QUANTILES.map((share) =>
    figureOf({
      what: `${count} phones × ${taps} taps/s for ${seconds} s, ${lane}: ack p${100 * share}`,
      unit: 'ms',
      ours: rounds.map(({ ours }) => quantile(ours.ms, share)),
      beside: { what: 'bare, one write', samples: rounds.map(({ write }) => quantile(write.ms, share)) },
      ...(share === 0.95 && { target: { atMost: 150 } }),
      ...(share === 0.5 && { note: `${outcomes}; load generator ${load} % of a core` }),
    }),
  );
  const exact = (what: string, ours: number[]) => figureOf({ what, unit: '', ours, target: { exactly: 0 } });
  return [
    ...answers,
    figureOf({
      what: 'last tap → its event seen by every phone and the stage',
      unit: 'ms',
      ours: rounds.map(({ seenByAllMs }) => seenByAllMs),
      target: { atMost: 1_000 },
    }),
    exact(
      'gaps in the streams',
      rounds.map(({ gaps }) => gaps),
    ),
    exact(
      'phones whose final counters differ from the stage’s',
      rounds.map(({ unlike }) => unlike),
    ),
    exact(
      'taps without an answer',
      rounds.map(({ ours }) => ours.unanswered),
    ),
  ];
}
