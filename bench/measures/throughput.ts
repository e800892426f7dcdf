/**
 * Throughput of one room: 200 sockets that always have one op in flight, or four, in turn with the bare objects. A slice is
 * shorter than a second and the other sides' slices lie between two of ours, so that no socket counts as a flood; every
 * round has a room of its own, so that nobody reaches the 200 taps a minute.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, Measure } from '../lib/bench.ts';
import { inRounds } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver, median } from '../lib/figures.ts';
import { meterOf, safeOps, stateOf } from '../lib/meters.ts';
import type { BareKind, Room } from '../lib/rooms.ts';
import { barePhones, closeAll, Rooms } from '../lib/rooms.ts';
import type { Slice } from '../lib/saturate.ts';
import { saturate } from '../lib/saturate.ts';
import type { RawPhone } from '../lib/raw-phone.ts';

const SLICE_MS = 900;
/** From the end of a slice of ours to the next, milliseconds: a flood is a socket that is too fast for seconds in a row. */
const APART_MS = 2_100;
/** Ops in flight of each socket, and the objects that are compared at that load. */
const LOADS: readonly { inFlight: number; beside: readonly BareKind[] }[] = [
  { inFlight: 1, beside: ['write', 'naive', 'party'] },
  { inFlight: 4, beside: ['write', 'naive'] },
];

interface Sample {
  ours: Slice;
  beside: Map<BareKind, Slice>;
  opsPerCommit: number;
}

export const throughput: Measure = { name: 'throughput', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const { options } = bench;
  const rooms = new Rooms(bench, options.phones);
  const measure = async (round: number) => {
    const room = await rooms.next();
    const others = new Map<BareKind, RawPhone[]>();
    for (const kind of ['write', 'naive', 'party'] as const) {
      others.set(kind, await barePhones(bench.bare, kind, `throughput-${round}`, options.phones));
    }
    const samples: Sample[] = [];
    for (const load of LOADS) samples.push(await measureLoad(bench, room, others, load));
    closeAll([...room.phones, ...[...others.values()].flat()]);
    return samples;
  };
  const rounds = await inRounds(bench, 'throughput', measure, { warmsUp: true });
  return LOADS.flatMap(({ inFlight, beside }, place) =>
    figures(
      options.phones,
      inFlight,
      beside,
      rounds.flatMap((samples) => samples[place] ?? []),
    ),
  );
}

async function measureLoad(
  { ours: site, groups }: Bench,
  { show, skuId, phones }: Room,
  others: ReadonlyMap<BareKind, RawPhone[]>,
  { inFlight, beside }: (typeof LOADS)[number],
): Promise<Sample> {
  const load = { inFlight, durationMs: SLICE_MS };
  const before = await stateOf(site, show, skuId);
  const ours = await saturate(phones, { ...load, counts: 'allocated', group: groups.ours });
  const oursEndedMs = performance.now();
  const after = await stateOf(site, show, skuId);
  const slices = new Map<BareKind, Slice>();
  for (const kind of beside) {
    const slice = await saturate(others.get(kind) ?? [], { ...load, counts: 'echo', group: groups.bare });
    slices.set(kind, slice);
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

function figures(
  sockets: number,
  inFlight: number,
  beside: readonly BareKind[],
  samples: Sample[],
): Figure[] {
  const what = `${sockets} sockets × ${inFlight} in flight`;
  const targets: Partial<Record<BareKind, number>> = { write: inFlight === 1 ? 2 : 4, naive: 30 };
  const figure = figuresOver(samples);
  const busy = median(samples.map((sample) => (sample.ours.outcomes['BUSY'] ?? 0) / sample.ours.counted));
  const rates = beside.map((kind) =>
    figure(`safe ops/s, durable, ${what}`, '/s', ({ ours }) => ours.perSecond, {
      beside: [NAMES[kind], (sample) => sample.beside.get(kind)?.perSecond ?? NaN],
      ...(targets[kind] !== undefined && { target: { ratioAtLeast: targets[kind] } }),
      ...(kind === 'write' && {
        note: `${(100 * busy).toFixed(1)} × BUSY for 100 ops; ${rowsNote(samples)}`,
      }),
    }),
  );
  return [
    ...rates,
    figure(`server CPU per safe op, frames included, ${what}`, 'µs', ({ ours }) => serverUs(ours), {
      beside: [NAMES.write, (sample) => serverUs(sample.beside.get('write'))],
    }),
    figure(
      `load process’s own CPU per op, beside the server’s, ${what}`,
      'µs',
      ({ ours }) => (1e6 * ours.use.loadSeconds) / ours.counted,
      { beside: ['server', ({ ours }) => serverUs(ours)], target: { ratioAtMost: 1 } },
    ),
  ];
}

const NAMES: Record<BareKind, string> = {
  echo: 'bare echo',
  write: 'bare, one write',
  naive: 'naive',
  party: 'partyserver’s broadcast',
  fan: 'bare loop',
};

function serverUs(slice: Slice | undefined): number {
  return slice ? (1e6 * slice.use.serverSeconds) / slice.counted : NaN;
}

function rowsNote(samples: readonly Sample[]): string {
  return `${median(samples.map(({ opsPerCommit }) => opsPerCommit)).toFixed(1)} ops for a row written`;
}
