/**
 * Throughput of one room: 200 sockets that always have one op in flight, or four, in turn with the bare objects, and with the
 * same room whose hashes are constants. A slice is shorter than a second and the other sides' slices lie between two of ours,
 * so that no socket counts as a flood; every round has a room of its own, so that nobody reaches the 200 taps a minute.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Phone } from '../../scripts/crowd/phone.ts';
import { Site } from '../../scripts/crowd/site.ts';
import type { Bench, Measure, Room } from '../lib/bench.ts';
import { benchOn, closeAll, connectAll } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver, median, percentilesOver } from '../lib/figures.ts';
import { startProject, UNCHAINED } from '../lib/hosts.ts';
import { meterOf, safeOps, stateOf } from '../lib/meters.ts';
import type { Tapped } from '../lib/open-loop.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import type { Slice } from '../lib/saturate.ts';
import { saturate } from '../lib/saturate.ts';

const SLICE_MS = 900;
/** From the end of a slice of ours to the next, milliseconds: a flood is a socket that is too fast for seconds in a row. */
const APART_MS = 2_100;
const NAMES = { write: 'bare, one write', naive: 'naive', party: 'partyserver’s broadcast' };
type Kind = keyof typeof NAMES;
const KINDS = Object.keys(NAMES) as Kind[];
/** Ops in flight of each socket, and how many times the ops of each bare object ours should take at that load, if a target. */
const LOADS: readonly { inFlight: number; times: Partial<Record<Kind, number | undefined>> }[] = [
  { inFlight: 1, times: { write: 2, naive: 30, party: undefined } },
  { inFlight: 4, times: { write: 4, naive: 30 } },
];
type Load = (typeof LOADS)[number];

interface Sample {
  ours: Slice;
  beside: Partial<Record<Kind, Slice>>;
  opsPerCommit: number;
}

/** Safe ops a second, and what each costs. */
export const throughput: Measure = {
  name: 'throughput',
  async run(bench) {
    const { phones: sockets } = bench.options;
    const next = bench.roomsFor(sockets);
    const measure = async (round: number) => {
      const room = await next();
      const others = new Map<Kind, Phone[]>();
      for (const kind of KINDS) {
        others.set(kind, await connectAll(bench.barePhones(kind, `throughput-${round}`, sockets)));
      }
      const samples: Sample[] = [];
      for (const load of LOADS) samples.push(await measureLoad(bench, room, others, load));
      closeAll([...room.phones, ...[...others.values()].flat()]);
      return samples;
    };
    const rounds = await bench.rounds('throughput', measure, { warmsUp: true });
    return LOADS.flatMap((load, place) =>
      figures(
        sockets,
        load,
        rounds.flatMap((samples) => samples[place] ?? []),
      ),
    );
  },
};

async function measureLoad(
  bench: Bench,
  room: Room,
  others: ReadonlyMap<Kind, Phone[]>,
  { inFlight, times }: Load,
): Promise<Sample> {
  const { groups } = bench;
  const load = { inFlight, durationMs: SLICE_MS };
  const before = await stateOf(bench, room);
  const ours = await saturate(room.phones, { ...load, counts: 'allocated', group: groups.ours });
  const oursEndedMs = performance.now();
  const after = await stateOf(bench, room);
  const slices: Sample['beside'] = {};
  for (const kind of KINDS.filter((each) => each in times)) {
    slices[kind] = await saturate(others.get(kind) ?? [], { ...load, counts: 'echo', group: groups.bare });
  }
  await pause(Math.max(0, oursEndedMs + APART_MS - performance.now()));
  const ops = safeOps(after) - safeOps(before);
  const { allocated = 0, BUSY: _, ...unexpected } = ours.outcomes;
  if (Object.keys(unexpected).length > 0 || allocated !== ops) {
    throw new Error(`The room counts ${ops} ops and answered ${JSON.stringify(ours.outcomes)}.`);
  }
  // Each commit writes one row of the log, however many ops it holds; ticks of the ledger are commits too.
  const rows = meterOf(after, 'do.rowWritten') - meterOf(before, 'do.rowWritten');
  return { ours, beside: slices, opsPerCommit: ops / Math.max(1, rows) };
}

function figures(sockets: number, { inFlight, times }: Load, samples: Sample[]): Figure[] {
  const what = `${sockets} sockets × ${inFlight} in flight`;
  const figure = figuresOver(samples);
  const serverUs = (slice?: Slice) => (slice ? (1e6 * slice.use.serverSeconds) / slice.counted : NaN);
  const busy = median(samples.map(({ ours }) => (ours.outcomes['BUSY'] ?? 0) / ours.counted));
  const opsPerCommit = median(samples.map((sample) => sample.opsPerCommit));
  return [
    ...KINDS.filter((kind) => kind in times).map((kind) =>
      figure(`safe ops/s, durable, ${what}`, '/s', ({ ours }) => ours.perSecond, {
        beside: [NAMES[kind], (sample) => sample.beside[kind]?.perSecond ?? NaN],
        target: times[kind] === undefined ? undefined : { ratioAtLeast: times[kind] },
        ...(kind === 'write' && {
          note: `${(100 * busy).toFixed(1)} × BUSY for 100 ops; ${opsPerCommit.toFixed(1)} ops for a row written`,
        }),
      }),
    ),
    figure(`server CPU per safe op, frames included, ${what}`, 'µs', ({ ours }) => serverUs(ours), {
      beside: [NAMES.write, (sample) => serverUs(sample.beside.write)],
    }),
    figure(
      `load process’s own CPU per op, beside the server’s, ${what}`,
      'µs',
      ({ ours }) => (1e6 * ours.use.loadSeconds) / ours.counted,
      { beside: ['server', ({ ours }) => serverUs(ours)], target: { ratioAtMost: 1 } },
    ),
  ];
}

/** Ops in flight of each socket: with four the room's thread is saturated, so the chain's share shows in the throughput. */
const IN_FLIGHT = 4;
/** Pause between the two hosts' slices, so that the other one's work ends first, milliseconds. */
const CHAIN_APART_MS = 300;

/** The cost of the log's hash chain: the room in turn with the same room whose hashes are constants. */
export const chain: Measure = {
  name: 'chain',
  longOnly: true,
  async run(bench) {
    const sockets = bench.options.phones;
    const host = await startProject({ script: UNCHAINED });
    const { url, debugToken } = host;
    const ours = bench.roomsFor(sockets);
    const others = benchOn({ ...bench, ours: new Site(url), debugToken }).roomsFor(sockets);
    const measure = async () => ({
      chained: await sliceOf(await ours(), bench.groups.ours),
      unchained: await sliceOf(await others(), host.group),
    });
    try {
      const figure = figuresOver(await bench.rounds('chain', measure, { warmsUp: true }));
      const what = `${sockets} sockets × ${IN_FLIGHT} in flight`;
      const beside = 'the same without hashes';
      const cpuUs = ({ use, counted }: Slice) => (1e6 * use.serverSeconds) / counted;
      return [
        figure(`safe ops/s with the chain, ${what}`, '/s', ({ chained }) => chained.perSecond, {
          beside: [beside, (round) => round.unchained.perSecond],
          target: { ratioAtLeast: 0.9 },
        }),
        figure(`server CPU per safe op with the chain, ${what}`, 'µs', ({ chained }) => cpuUs(chained), {
          beside: [beside, (round) => cpuUs(round.unchained)],
        }),
      ];
    } finally {
      await host.end();
    }
  },
};

async function sliceOf({ phones }: Room, group: number): Promise<Slice> {
  const load = { inFlight: IN_FLIGHT, durationMs: SLICE_MS, counts: 'allocated', group };
  const slice = await saturate(phones, load);
  closeAll(phones);
  await pause(CHAIN_APART_MS);
  return slice;
}

const SHARES = [0.25, 0.5, 0.75];
const SHORT_SHARES = [0.5];

/** A side's throughput, and its answers at each share of it. */
interface Side {
  perSecond: number;
  at: Tapped[];
}

/**
 * Latency of answers under load: at a quarter, a half and three quarters of the room's throughput as measured in the same
 * round; the bare object in turn, at the same shares of its own throughput.
 */
export const loaded: Measure = {
  name: 'loaded',
  async run(bench) {
    const { options, groups } = bench;
    const shares = options.short ? SHORT_SHARES : SHARES;
    const next = bench.roomsFor(options.phones);
    const rounds = await bench.rounds('loaded', async (seed) => {
      const { phones } = await next();
      const others = await connectAll(bench.barePhones('write', `loaded-${seed}`, options.phones));
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
          } else {
            const pace = { perSecond: share * side.perSecond, seconds: SLICE_MS / 1_000, seed };
            side.at.push(await tapUntilAnswered(on.phones, pace));
          }
        }
        await pause(Math.max(0, startMs + SLICE_MS + APART_MS - performance.now()));
      }
      closeAll([...phones, ...others]);
      return { ours, write };
    });
    return shares.flatMap((share, place) => {
      const rate = (side: 'ours' | 'write') =>
        Math.round(share * median(rounds.map((round) => round[side].perSecond)));
      const late = Math.max(...rounds.map(({ ours }) => ours.at[place]?.lateMs ?? NaN)).toFixed(1);
      const msOf = (side: Side) => side.at[place]?.ms ?? [];
      return percentilesOver(rounds, `at ${100 * share} % of saturation: ack`, {
        ours: ({ ours }) => msOf(ours),
        beside: ['bare, one write', ({ write }) => msOf(write)],
        note: `${rate('ours')} and ${rate('write')} taps/s, up to ${late} ms late (p99)`,
      });
    });
  },
};
