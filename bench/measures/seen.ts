/**
 * Whether and when everybody sees what was tapped: from one tap to the last of an audience that has its event, and after a
 * show as on stage, with phones that tap at their own pace.
 */
import { setTimeout as pause } from 'node:timers/promises';
import * as v from 'valibot';
import { sum } from '../../scripts/crowd/hammering.ts';
import type { Phone } from '../../scripts/crowd/phone.ts';
import type { Bench, Measure } from '../lib/bench.ts';
import { closeAll, connectAll } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver, percentilesOver } from '../lib/figures.ts';
import { SAFE } from '../lib/lanes.ts';
import { roomState, stateOf, UNCOUNTED, uncounted } from '../lib/meters.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import { loadShare, stretch } from '../lib/processes.ts';

/** Taps a second of a crowd, and the most of one of its phones, which stays below 20 messages a second. */
const TAPS = 500;
const TAPS_EACH = 10;
/** Target: kilobytes a second to a phone. */
const PHONE_KB = 20;

/**
 * Time from a tap until everybody has seen it, for a small, a medium and a large audience. The same run measures how many
 * bytes a phone receives, and whether the room's counters agree with the phones' answers.
 */
export const seen: Measure = {
  name: 'seen',
  async run(bench) {
    const { short, phones, sockets } = bench.options;
    const figures: Figure[] = [];
    for (const people of new Set(short ? [10, sockets] : [10, phones, sockets])) {
      figures.push(...(await seenBy(bench, people)));
    }
    return figures;
  },
};

async function seenBy(bench: Bench, people: number): Promise<Figure[]> {
  const { seconds, sockets } = bench.options;
  const perSecond = Math.min(TAPS, TAPS_EACH * people);
  const next = bench.roomsFor(people, { timesFrames: true });
  const rounds = await bench.rounds(`seen by ${people} phones`, async (seed) => {
    const room = await next();
    const { phones } = room;
    const granted: Granted[] = [];
    const { made, ...received } = await stretch(phones, bench.groups.ours, () =>
      tapUntilAnswered(phones, {
        perSecond,
        seconds,
        seed,
        saysSeen: true,
        onAnswer: ({ seq, ms, atMs, outcome }) => {
          if (outcome === 'allocated') granted.push({ seq, tappedAtMs: atMs - ms });
        },
      }),
    );
    await untilSeen(
      phones,
      granted.reduce((newest, { seq }) => Math.max(newest, seq), 0),
    );
    const audience = phones.map((phone) => phone.seen);
    const unequal = uncounted(await stateOf(bench, room), SAFE, made.outcomes);
    closeAll(phones);
    const gaps = sum(phones, (phone) => phone.gaps);
    return { ...received, made, unequal, gaps, allMs: seenByAllMs(granted, audience) };
  });
  const late = Math.max(...rounds.map(({ made }) => made.lateMs)).toFixed(1);
  const [last] = rounds.slice(-1);
  const crowd = `${people} phones, ${perSecond} taps/s`;
  const figure = figuresOver(rounds);
  const none = { target: { exactly: 0 } };
  return [
    ...percentilesOver(rounds, `${crowd}: tap → seen by all,`, {
      ours: ({ allMs }) => allMs,
      targets: people === sockets ? { 0.99: { atMost: 250 } } : {},
      note: last && `${loadShare(last.use)}; its taps were up to ${late} ms late (p99)`,
    }),
    ...percentilesOver(rounds, `${crowd}: ack`, { ours: ({ made }) => made.ms }),
    figure(`${crowd}: frames delivered`, '/s', ({ frames, use }) => frames / use.wallSeconds),
    figure(
      `${crowd}: received by a phone`,
      'kB/s',
      ({ bytes, use }) => bytes / people / 1_000 / use.wallSeconds,
      { target: { atMost: PHONE_KB } },
    ),
    figure(`${crowd}: gaps in the streams`, '', ({ gaps }) => gaps, none),
    figure(`${crowd}: ${UNCOUNTED}`, '', ({ unequal }) => unequal, none),
  ];
}

const newest = v.pipe(v.string(), v.parseJson(), v.object({ state: roomState }));

/**
 * A show as on stage: phones that tap at their own pace, and a stage. Measures the latency of answers, when everybody has
 * seen the last event, and whether any event was missing.
 */
export const phones: Measure = {
  name: 'phones',
  async run(bench) {
    const { phones: people, taps, seconds, lane } = bench.options;
    const habits = { timesFrames: true, keepsNewest: true };
    const next = bench.roomsFor(people, { ...habits, mode: lane });
    const rounds = await bench.rounds('phones', async (seed) => {
      const pace = { perSecond: people * taps, seconds, seed };
      const { show, skuId, phones: audience } = await next();
      const stage = bench.phone(show, skuId, habits);
      await stage.connect();
      const last = { seq: 0, tappedAtMs: 0 };
      const { made: ours, use } = await stretch(audience, bench.groups.ours, () =>
        tapUntilAnswered(audience, {
          ...pace,
          saysSeen: true,
          onAnswer: ({ seq, atMs, ms }) => {
            last.seq = Math.max(last.seq, seq);
            last.tappedAtMs = Math.max(last.tappedAtMs, atMs - ms);
          },
        }),
      );
      const all = [stage, ...audience];
      await untilSeen(all, last.seq);
      const seenMs = all.map(({ seen }) => seen.find(({ seq }) => seq >= last.seq)?.atMs ?? Infinity);
      const truth = countersOf(stage);
      const unlike = audience.filter((phone) => countersOf(phone) !== truth).length;
      closeAll(all);
      const others = await connectAll(bench.barePhones('write', `phones-${seed}`, people));
      const write = await tapUntilAnswered(others, pace);
      closeAll(others);
      return {
        ours,
        write,
        unlike,
        gaps: sum(all, ({ gaps }) => gaps),
        seenByAllMs: Math.max(0, Math.max(...seenMs) - last.tappedAtMs),
        load: loadShare(use),
      };
    });
    const outcomes = rounds.map(({ ours }) => JSON.stringify(ours.outcomes)).join(' ');
    const figure = figuresOver(rounds);
    const none = { target: { exactly: 0 } };
    return [
      ...percentilesOver(rounds, `${people} phones × ${taps} taps/s for ${seconds} s, ${lane}: ack`, {
        ours: ({ ours }) => ours.ms,
        beside: ['bare, one write', ({ write }) => write.ms],
        targets: { 0.95: { atMost: 150 } },
        note: `${outcomes}; ${rounds.at(-1)?.load}`,
      }),
      figure(
        'last tap → its event seen by every phone and the stage',
        'ms',
        ({ seenByAllMs }) => seenByAllMs,
        {
          target: { atMost: 1_000 },
        },
      ),
      figure('gaps in the streams', '', ({ gaps }) => gaps, none),
      figure('phones whose final counters differ from the stage’s', '', ({ unlike }) => unlike, none),
      figure('taps without an answer', '', ({ ours }) => ours.unanswered, none),
    ];
  },
};

/** The counters that a phone saw last. */
function countersOf(phone: Phone): string {
  const { lanes } = v.parse(newest, phone.newest).state;
  return JSON.stringify(Object.values(lanes).map(({ acknowledged, stored }) => [acknowledged, stored]));
}

/** Longest wait for the last frames, milliseconds: by then every target is missed anyway. */
const LAST_FRAMES_MS = 5_000;

/** An allocated tap: when it was made, and the `seq` of its event. */
export interface Granted {
  tappedAtMs: number;
  seq: number;
}

/** What one phone has seen: each new `seq` and when it came, oldest first. */
export type Sightings = readonly { readonly seq: number; readonly atMs: number }[];

/**
 * Milliseconds from each tap until the last phone had a frame that reaches its event; Infinity when a phone never had one.
 */
export function seenByAllMs(granted: readonly Granted[], audience: readonly Sightings[]): number[] {
  const bySeq = [...granted].sort((a, b) => a.seq - b.seq);
  const lastMs = new Array<number>(bySeq.length).fill(-Infinity);
  for (const sightings of audience) {
    let place = 0;
    for (const [index, { seq }] of bySeq.entries()) {
      while (place < sightings.length && (sightings[place]?.seq ?? 0) < seq) place += 1;
      lastMs[index] = Math.max(lastMs[index] ?? 0, sightings[place]?.atMs ?? Infinity);
    }
  }
  return bySeq.map(({ tappedAtMs }, index) => Math.max(0, (lastMs[index] ?? Infinity) - tappedAtMs));
}

/** Waits until every phone has seen an event, or time is up. */
export async function untilSeen(phones: readonly Phone[], seq: number): Promise<void> {
  const endMs = performance.now() + LAST_FRAMES_MS;
  while (phones.some((phone) => phone.seq < seq) && performance.now() < endMs) await pause(10);
}
