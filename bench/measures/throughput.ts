/**
 * What one room takes: 200 sockets that always have one op, or four, under way, beside the bare objects in turn. A slice
 * is shorter than a second and the other sides' slices lie between two of ours, so that no socket is taken for a flood;
 * every round is a room of its own, so that nobody reaches the 200 taps a minute.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Phone } from '../../scripts/crowd/phone.mjs';
import type { Session, Site } from '../../scripts/crowd/site.mjs';
import { median } from '../../scripts/crowd/samples.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import { metersOf, opsPerCommit } from '../lib/meters.ts';
import { barePhones, closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';
import type { Slice } from '../lib/saturate.ts';
import { saturate } from '../lib/saturate.ts';

const SLICE_MS = 900;
/** From the end of a slice of ours to the next: only a socket that was too fast in seconds that follow each other floods. */
const APART_MS = 2_100;
const IN_FLIGHT = [1, 4] as const;
const ROOMS = 5;

type Side = 'ours' | 'write' | 'naive';
interface Sample extends Record<Side, number> {
  opsPerCommit: number;
  loadCpu: number;
}

export const throughput: Measure = { name: 'throughput', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const samples = new Map<number, Sample[]>(IN_FLIGHT.map((inFlight) => [inFlight, []]));
  let show: Session | null = null;
  let sessions: Session[] = [];
  for (let round = 0; round <= bench.options.rounds; round += 1) {
    const room = round % ROOMS;
    if (show === null || room === 0) {
      show = await openShow(bench.ours, bench.debugToken, { rooms: ROOMS });
      sessions = await bench.ours.joinAll(show.show, bench.options.phones);
    }
    const skuId = show.skuIds[room] ?? '';
    const phones: Record<Side, Phone[]> = {
      ours: sessions.map((session) => phoneOf(bench.ours, session, skuId)),
      write: await barePhones(bench.bare, 'write', `throughput-${round}`, sessions.length),
      naive: await barePhones(bench.bare, 'naive', `throughput-${round}`, sessions.length),
    };
    await connectAll(phones.ours);
    for (const inFlight of IN_FLIGHT) {
      const sample = await measureRound(bench.ours, phones, { inFlight, show, skuId });
      // The first round warms both runtimes up and is not counted.
      if (round > 0) samples.get(inFlight)?.push(sample);
    }
    closeAll(Object.values(phones).flat());
    bench.say(`throughput: round ${round} of ${bench.options.rounds}`);
  }
  return IN_FLIGHT.flatMap((inFlight) =>
    figures(bench.options.phones, inFlight, samples.get(inFlight) ?? []),
  );
}

async function measureRound(
  site: Site,
  phones: Record<Side, Phone[]>,
  { inFlight, show, skuId }: { inFlight: number; show: Session; skuId: string },
): Promise<Sample> {
  const slice = (side: Side): Promise<Slice> =>
    saturate(phones[side], {
      inFlight,
      durationMs: SLICE_MS,
      counts: side === 'ours' ? 'allocated' : 'echo',
    });
  const before = await metersOf(site, show, skuId);
  const ours = await slice('ours');
  const oursEndedMs = performance.now();
  const after = await metersOf(site, show, skuId);
  const write = await slice('write');
  const naive = await slice('naive');
  await pause(Math.max(0, oursEndedMs + APART_MS - performance.now()));
  const others = Object.keys(ours.outcomes).filter((outcome) => outcome !== 'allocated');
  if (others.length > 0) throw new Error(`The room answered ${JSON.stringify(ours.outcomes)}.`);
  return {
    ours: ours.perSecond,
    write: write.perSecond,
    naive: naive.perSecond,
    opsPerCommit: opsPerCommit(before, after),
    loadCpu: ours.loadCpu,
  };
}

function figures(sockets: number, inFlight: number, samples: Sample[]): Figure[] {
  const of = (key: keyof Sample) => samples.map((sample) => sample[key]);
  const common = {
    what: `safe ops/s, durable, ${sockets} sockets × ${inFlight} in flight`,
    unit: '/s',
    ours: of('ours'),
  };
  const commit = Math.round(median(of('opsPerCommit')));
  const load = Math.round(100 * median(of('loadCpu')));
  return [
    figureOf({
      ...common,
      beside: { what: 'bare, one write', samples: of('write') },
      target: { ratioAtLeast: inFlight === 1 ? 2 : 4 },
      note: `${commit} ops a commit; load generator ${load} % of a core`,
    }),
    figureOf({
      ...common,
      beside: { what: 'naive', samples: of('naive') },
      ...(inFlight === 1 && { target: { ratioAtLeast: 30 } }),
    }),
  ];
}
