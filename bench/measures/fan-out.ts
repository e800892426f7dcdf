/**
 * The cost of delivering a frame to one phone: a crowd that a few taps keep sending frames to, and in turn the bare loop,
 * which sends as many bytes to as many sockets at the same rate and does nothing else.
 */
import type { Site } from '../../scripts/crowd/site.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import { inRounds } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver, median } from '../lib/figures.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import type { RawPhone } from '../lib/raw-phone.ts';
import { barePhones, closeAll, Rooms } from '../lib/rooms.ts';
import type { Use } from '../lib/use.ts';
import { loadShare, watchUse } from '../lib/use.ts';

/** Taps a second: enough that every frame has something new, too few to matter beside a crowd's frames. */
const FEW_TAPS = 20;
const MANY_TAPS = 500;
/** A small crowd, which costs what is not delivery: the taps, the making of a frame, the loop. */
const FEW_PHONES = 10;
const SHORT_SECONDS = 1;

/** Deliveries of a stretch of time, and what they cost. */
interface Delivered {
  deliveries: number;
  bytes: number;
  use: Use;
}
/** One round: the crowd and the loop, each also with few phones, and the crowd with many taps. */
type Round = Record<'crowd' | 'few' | 'loop' | 'fewLoop' | 'many', Delivered>;

export const fanOut: Measure = { name: 'fan-out', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const { bare, options } = bench;
  const seconds = options.short ? SHORT_SECONDS : options.seconds;
  const rooms = new Rooms(bench, options.sockets);
  const on = {
    crowd: (await rooms.next()).phones,
    few: (await rooms.next(FEW_PHONES)).phones,
    loop: await barePhones(bare, 'fan', 'crowd', options.sockets),
    fewLoop: await barePhones(bare, 'fan', 'few', FEW_PHONES),
  };
  const rounds = await inRounds(bench, 'fan-out', (round) => measureRound(bench, on, seconds, round), {
    warmsUp: true,
    told: ({ crowd }) => `, ${frameBytes(crowd)} bytes a frame; ${loadShare(crowd.use)}`,
  });
  closeAll(Object.values(on).flat());
  return figures(options.sockets, rounds);
}

async function measureRound(
  { bare, groups }: Bench,
  on: Record<'crowd' | 'few' | 'loop' | 'fewLoop', RawPhone[]>,
  seconds: number,
  seed: number,
): Promise<Round> {
  const tapped = (phones: RawPhone[], perSecond: number) =>
    delivered(phones, groups.ours, () => tapUntilAnswered(phones, { perSecond, seconds, seed }));
  const crowd = await tapped(on.crowd, FEW_TAPS);
  const loop = {
    bytes: frameBytes(crowd),
    everyMs: Math.round((1_000 * on.crowd.length * crowd.use.wallSeconds) / crowd.deliveries),
    forMs: 1_000 * seconds,
  };
  const looped = (phones: RawPhone[], name: string) =>
    delivered(phones, groups.bare, () => sendLoop(bare, name, loop));
  return {
    crowd,
    loop: await looped(on.loop, 'crowd'),
    few: await tapped(on.few, FEW_TAPS),
    fewLoop: await looped(on.fewLoop, 'few'),
    many: await tapped(on.crowd, MANY_TAPS),
  };
}

async function delivered(
  phones: readonly RawPhone[],
  group: number,
  meanwhile: () => Promise<unknown>,
): Promise<Delivered> {
  const before = countOf(phones);
  const watched = watchUse(group);
  await meanwhile();
  const use = watched();
  const after = countOf(phones);
  return { deliveries: after.frames - before.frames, bytes: after.bytes - before.bytes, use };
}

function countOf(phones: readonly RawPhone[]): { frames: number; bytes: number } {
  const counts = { frames: 0, bytes: 0 };
  for (const { frames, frameBytes } of phones) {
    counts.frames += frames;
    counts.bytes += frameBytes;
  }
  return counts;
}

async function sendLoop(
  bare: Site,
  name: string,
  { bytes, everyMs, forMs }: { bytes: number; everyMs: number; forMs: number },
): Promise<void> {
  const query = `bytes=${bytes}&everyMs=${everyMs}&forMs=${forMs}`;
  const answer = await fetch(`${bare.url}/fan/${name}?${query}`, { method: 'POST' });
  if (!answer.ok) throw new Error(`The bare loop answered ${answer.status}.`);
  await answer.text();
}

function frameBytes({ bytes, deliveries }: Delivered): number {
  return Math.round(bytes / deliveries);
}

function figures(sockets: number, rounds: Round[]): Figure[] {
  const serverUs = ({ use, deliveries }: Delivered) => (1e6 * use.serverSeconds) / deliveries;
  const loadUs = ({ use, deliveries }: Delivered) => (1e6 * use.loadSeconds) / deliveries;
  const perSecond = ({ use, deliveries }: Delivered) => deliveries / use.wallSeconds;
  /** Cost of one more delivery, microseconds: the difference of two crowds, divided by the difference of their deliveries. */
  const moreUs = (crowd: Delivered, few: Delivered) =>
    (1e6 * (crowd.use.serverSeconds - few.use.serverSeconds)) / (crowd.deliveries - few.deliveries);
  const figure = figuresOver(rounds);
  const bytes = median(rounds.map(({ crowd }) => frameBytes(crowd)));
  return [
    figure(`server CPU per delivery, ${sockets} phones`, 'µs', ({ crowd, few }) => moreUs(crowd, few), {
      beside: ['bare loop', ({ loop, fewLoop }) => moreUs(loop, fewLoop)],
      target: { ratioAtMost: 1.1 },
      note: `frames of ${bytes} bytes, kept going by ${FEW_TAPS} taps/s; what as many frames to ${FEW_PHONES} phones cost is taken off on both sides`,
    }),
    figure(`frames delivered, ${sockets} phones`, '/s', ({ crowd }) => perSecond(crowd), {
      beside: ['bare loop', ({ loop }) => perSecond(loop)],
    }),
    figure(
      `server CPU per delivery, ${sockets} phones at ${MANY_TAPS} taps/s, everything included`,
      'µs',
      ({ many }) => serverUs(many),
      { beside: ['bare loop', ({ loop }) => serverUs(loop)] },
    ),
    figure('load process’s own CPU per delivery, beside the server’s', 'µs', ({ crowd }) => loadUs(crowd), {
      beside: ['server', ({ crowd }) => serverUs(crowd)],
      target: { ratioAtMost: 1 },
    }),
  ];
}
