/** The cost of the log's hash chain: the room in turn with the same room whose hashes are constants. */
import { setTimeout as pause } from 'node:timers/promises';
import { Site } from '../../scripts/crowd/site.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import { inRounds } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver } from '../lib/figures.ts';
import { startUnchained } from '../lib/hosts.ts';
import { closeAll, Rooms } from '../lib/rooms.ts';
import type { Slice } from '../lib/saturate.ts';
import { saturate } from '../lib/saturate.ts';

const SLICE_MS = 900;
/** Ops in flight of each socket: with four the room's thread is saturated, so the chain's share shows in the throughput. */
const IN_FLIGHT = 4;
/** Pause between the two hosts' slices, so that the other one's work ends first, milliseconds. */
const APART_MS = 300;

export const chain: Measure = { name: 'chain', fresh: false, longOnly: true, run };

async function run(bench: Bench): Promise<Figure[]> {
  const { phones: sockets } = bench.options;
  const unchained = await startUnchained();
  const ours = new Rooms(bench, sockets);
  const others = new Rooms(
    { ...bench, ours: new Site(unchained.url), debugToken: unchained.debugToken },
    sockets,
  );
  const measure = async () => ({
    chained: await sliceOf(ours, bench.groups.ours),
    unchained: await sliceOf(others, unchained.group),
  });
  try {
    const figure = figuresOver(await inRounds(bench, 'chain', measure, { warmsUp: true }));
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
    await unchained.end();
  }
}

async function sliceOf(rooms: Rooms, group: number): Promise<Slice> {
  const { phones } = await rooms.next();
  const slice = await saturate(phones, {
    inFlight: IN_FLIGHT,
    durationMs: SLICE_MS,
    counts: 'allocated',
    group,
  });
  closeAll(phones);
  await pause(APART_MS);
  return slice;
}
