/**
 * Latency of answers under load: at a quarter, a half and three quarters of the room's throughput as measured in the same
 * round; the bare object in turn, at the same shares of its own throughput.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '#lib/domain/percentile.ts';
import type { Bench, Measure } from '../lib/bench.ts';
import { inRounds } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver, median, PERCENTILES } from '../lib/figures.ts';
import type { Tapped } from '../lib/open-loop.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import type { RawPhone } from '../lib/raw-phone.ts';
import { barePhones, closeAll, Rooms } from '../lib/rooms.ts';
import { saturate } from '../lib/saturate.ts';

const SHARES = [0.25, 0.5, 0.75];
const SHORT_SHARES = [0.5];
/** Slices as short and as far apart as in throughput.ts, so that no socket counts as a flood. */
const SLICE_MS = 900;
const APART_MS = 2_100;
const IN_FLIGHT = 4;

/** A side's throughput, and its answers at each share of it. */
interface Side {
  perSecond: number;
  at: Tapped[];
}

export const loaded: Measure = { name: 'loaded', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const { bare, options, groups } = bench;
  const shares = options.short ? SHORT_SHARES : SHARES;
  const rooms = new Rooms(bench, options.phones);
  const rounds = await inRounds(bench, 'loaded', async (round) => {
    const { phones } = await rooms.next();
    const others = await barePhones(bare, 'write', `loaded-${round}`, options.phones);
    const ours: Side = { perSecond: 0, at: [] };
    const write: Side = { perSecond: 0, at: [] };
    const sides = [
      { side: ours, phones, counts: 'allocated', group: groups.ours },
      { side: write, phones: others, counts: 'echo', group: groups.bare },
    ];
    for (const share of [null, ...shares]) {
      const startMs = performance.now();
      for (const { side, ...on } of sides) {
        if (share === null) {
          const most = await saturate(on.phones, { ...on, inFlight: IN_FLIGHT, durationMs: SLICE_MS });
          side.perSecond = most.perSecond;
        } else side.at.push(await tapShare(on.phones, share * side.perSecond, round));
      }
      await pause(Math.max(0, startMs + SLICE_MS + APART_MS - performance.now()));
    }
    closeAll([...phones, ...others]);
    return { ours, write };
  });
  return shares.flatMap((share, place) => figures(share, place, rounds));
}

function tapShare(phones: RawPhone[], perSecond: number, seed: number): Promise<Tapped> {
  return tapUntilAnswered(phones, { perSecond, seconds: SLICE_MS / 1_000, seed });
}

function figures(share: number, place: number, rounds: { ours: Side; write: Side }[]): Figure[] {
  const figure = figuresOver(rounds);
  const of = (side: Side, q: number) => percentile(side.at[place]?.ms ?? [], q);
  const rate = (side: 'ours' | 'write') => share * median(rounds.map((round) => round[side].perSecond));
  const late = Math.max(...rounds.map(({ ours }) => ours.at[place]?.lateMs ?? NaN));
  return PERCENTILES.map((q) =>
    figure(`at ${100 * share} % of saturation: ack p${100 * q}`, 'ms', ({ ours }) => of(ours, q), {
      beside: ['bare, one write', ({ write }) => of(write, q)],
      ...(q === 0.5 && {
        note: `${Math.round(rate('ours'))} and ${Math.round(rate('write'))} taps/s, up to ${late.toFixed(1)} ms late (p99)`,
      }),
    }),
  );
}
