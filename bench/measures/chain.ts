/** The cost of the log's hash chain: the room in turn with the same room whose hashes are constants. */
import { setTimeout as pause } from 'node:timers/promises';
import { Site } from '../../scripts/crowd/site.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
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
  const { options, say } = bench;
  const unchained = await startUnchained();
  try {
    const sides = {
      chained: { rooms: new Rooms(bench, options.phones), group: bench.groups.ours, slices: [] as Slice[] },
      unchained: {
        rooms: new Rooms(
          { ...bench, ours: new Site(unchained.url), debugToken: unchained.debugToken },
          options.phones,
        ),
        group: unchained.group,
        slices: [] as Slice[],
      },
    };
    for (let round = 0; round <= options.rounds; round += 1) {
      for (const { rooms, group, slices } of Object.values(sides)) {
        const { phones } = await rooms.next();
        const slice = await saturate(phones, {
          inFlight: IN_FLIGHT,
          durationMs: SLICE_MS,
          counts: 'allocated',
          group,
        });
        closeAll(phones);
        // The first round warms both runtimes up and is not counted.
        if (round > 0) slices.push(slice);
        await pause(APART_MS);
      }
      say(`chain: round ${round} of ${options.rounds}`);
    }
    return figures(options.phones, sides.chained.slices, sides.unchained.slices);
  } finally {
    await unchained.end();
  }
}

function figures(sockets: number, chained: Slice[], unchained: Slice[]): Figure[] {
  const what = `${sockets} sockets × ${IN_FLIGHT} in flight`;
  const beside = 'the same without hashes';
  const cpuUs = ({ use, counted }: Slice) => (1e6 * use.serverSeconds) / counted;
  return [
    figureOf({
      what: `safe ops/s with the chain, ${what}`,
      unit: '/s',
      ours: chained.map(({ perSecond }) => perSecond),
      beside: { what: beside, samples: unchained.map(({ perSecond }) => perSecond) },
      target: { ratioAtLeast: 0.9 },
    }),
    figureOf({
      what: `server CPU per safe op with the chain, ${what}`,
      unit: 'µs',
      ours: chained.map(cpuUs),
      beside: { what: beside, samples: unchained.map(cpuUs) },
    }),
  ];
}
