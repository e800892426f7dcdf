/**
 * Overload in two forms: clients with many ops in flight that return when a BUSY says so, and taps at 1.5 × the rate that the
 * room can answer, whatever it answers. Accepted ops should stay quick, no phone should be starved, and the room should
 * recover afterwards.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { randomFrom } from '#lib/rehearsal/random.ts';
import { answersOf } from '../../scripts/crowd/hammering.mjs';
import { percentile } from '#lib/domain/percentile.ts';
import type { Bench, Measure } from '../lib/bench.ts';
import { inRounds } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver } from '../lib/figures.ts';
import { tapAtPace } from '../lib/open-loop.ts';
import { loneTap, Served, untilIdle } from '../lib/overload.ts';
import type { RawPhone } from '../lib/raw-phone.ts';
import { closeAll, Rooms } from '../lib/rooms.ts';
import { saturate } from '../lib/saturate.ts';
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
const LAST_ANSWERS_MS = 20_000;
const COME_BACK_SPREAD = 0.5;

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

export const overload: Measure = { name: 'overload', fresh: false, longOnly: true, run };

async function run(bench: Bench): Promise<Figure[]> {
  const rooms = new Rooms(bench, Math.max(bench.options.sockets, FEWEST_PHONES));
  const rounds = await inRounds(bench, 'overload', (round) => measureRound(bench, rooms, round));
  return [
    ...figures(`${IN_FLIGHT} in flight each`, rounds, ({ closed }) => closed),
    ...figures(`${OFFERED} × saturation offered`, rounds, ({ open }) => open),
  ];
}

/** Each part has a room of its own, because one room would be sold out. */
async function measureRound({ groups, options }: Bench, rooms: Rooms, seed: number): Promise<Round> {
  const group = groups.ours;
  const [firstProbe, phones] = await crowdOf(rooms);
  const idle = await loneTap(firstProbe);
  const most = await saturate(phones, {
    inFlight: 1,
    durationMs: SLICE_MS,
    counts: 'allocated',
    group,
    atMostPerSecond: SAID_AT_MOST,
  });
  closeAll([firstProbe, ...phones]);
  const seconds = Math.min(options.seconds, MAX_SECONDS);
  const load = { seconds, seed, idleP95Ms: idle.p95 };
  const closed = await inNext(rooms, (probe, crowd) => closedLoop(crowd, { ...load, probe, group }));
  const open = await inNext(rooms, (probe, crowd) =>
    openLoop(crowd, { ...load, probe, perSecond: OFFERED * most.perSecond }),
  );
  return { perSecond: most.perSecond, idleMs: idle.p50, closed, open };
}

async function inNext<T>(
  rooms: Rooms,
  work: (probe: RawPhone, phones: RawPhone[]) => Promise<T>,
): Promise<T> {
  await pause(APART_MS);
  const [probe, phones] = await crowdOf(rooms);
  const result = await work(probe, phones);
  closeAll([probe, ...phones]);
  return result;
}

async function crowdOf(rooms: Rooms): Promise<[probe: RawPhone, phones: RawPhone[]]> {
  const { phones } = await rooms.next();
  const [probe, ...others] = phones;
  if (!probe) throw new Error('No phone');
  return [probe, others];
}

interface Load {
  seconds: number;
  seed: number;
  /** A phone that does not take part in the overload. */
  probe: RawPhone;
  idleP95Ms: number;
}

async function closedLoop(
  phones: RawPhone[],
  { seconds, probe, idleP95Ms, group }: Load & { group: number },
): Promise<Overload> {
  const served = new Served(phones, performance.now() + 1_000 * seconds);
  const recovery = Promise.withResolvers<number>();
  await saturate(phones, {
    inFlight: IN_FLIGHT,
    durationMs: 1_000 * seconds,
    counts: 'allocated',
    group,
    atMostPerSecond: SAID_AT_MOST,
    onAnswer: (answer, phone) => served.take(answer, phone),
    onEnd: () => recovery.resolve(untilIdle(probe, idleP95Ms)),
  });
  return overloadOf(served, seconds, await recovery.promise);
}

async function openLoop(
  phones: RawPhone[],
  { seconds, seed, probe, idleP95Ms, perSecond }: Load & { perSecond: number },
): Promise<Overload> {
  const endMs = performance.now() + 1_000 * seconds;
  const served = new Served(phones, endMs);
  const random = randomFrom(seed);
  await tapAtPace(phones, {
    perSecond,
    seconds,
    seed,
    onAnswer: (answer, phone) => {
      served.take(answer, phone);
      const { op, outcome, retryAfterMs } = answer;
      if (outcome !== 'BUSY') return;
      const again = () => performance.now() < endMs && phone.tap(op);
      setTimeout(again, retryAfterMs * (1 + COME_BACK_SPREAD * random()));
    },
  });
  const recovery = untilIdle(probe, idleP95Ms);
  await answersOf(phones, LAST_ANSWERS_MS);
  return overloadOf(served, seconds, await recovery);
}

function overloadOf(served: Served, seconds: number, recoveryMs: number): Overload {
  if (served.others.size > 0) throw new Error(`The room also answered ${[...served.others].join(', ')}.`);
  return { served, acceptedPerSecond: served.inTime / seconds, recoveryMs };
}

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
      {
        target: { atMost: 2_000 },
        note: `idle: ${idle} ms`,
      },
    ),
  ];
}
