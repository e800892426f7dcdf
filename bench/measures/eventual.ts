/** Throughput of the eventual lane, the share of BUSY above it, and the offered rate at which BUSY begins. */
import { median, quantile } from '../../scripts/crowd/samples.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import { auditOf } from '../lib/meters.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import { closeAll, Rooms } from '../lib/rooms.ts';
import { saturate } from '../lib/saturate.ts';

/** Offered rates as shares of the lane's throughput, and how long each is offered. */
const STEPS = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5];
const SHORT_STEPS = [0.7, 1, 1.5];
const STEP_SECONDS = 2;
const SHORT_STEP_SECONDS = 0.5;
/** Share of BUSY from which it counts as begun, so that a single unlucky moment does not. */
const BEGUN = 0.01;

export const eventual: Measure = { name: 'eventual', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const { ours, options, groups, say } = bench;
  const steps = options.short ? SHORT_STEPS : STEPS;
  const samples = {
    perSecond: [] as number[],
    busy: [] as number[],
    p95: [] as number[],
    begins: [] as number[],
  };
  let green = 0;
  const rooms = new Rooms(bench, options.phones, { mode: 'eventual' });
  for (let round = 1; round <= options.rounds; round += 1) {
    const { show, skuId, phones } = await rooms.next();
    const slice = await saturate(phones, {
      inFlight: 1,
      durationMs: options.seconds * 1_000,
      counts: 'allocated',
      group: groups.ours,
    });
    samples.perSecond.push(slice.perSecond);
    samples.busy.push((slice.outcomes['BUSY'] ?? 0) / options.seconds);
    samples.p95.push(quantile(slice.ms, 0.95));
    const stepSeconds = options.short ? SHORT_STEP_SECONDS : STEP_SECONDS;
    let begins = NaN;
    for (const share of steps) {
      const perSecond = share * slice.perSecond;
      const { outcomes, taps } = await tapUntilAnswered(phones, {
        perSecond,
        seconds: stepSeconds,
        seed: round,
      });
      if ((outcomes['BUSY'] ?? 0) <= BEGUN * taps) continue;
      begins = perSecond;
      break;
    }
    samples.begins.push(begins);
    if ((await auditOf(ours, show, skuId)).length === 0) green += 1;
    closeAll(phones);
    say(`eventual: round ${round} of ${options.rounds}, ${JSON.stringify(slice.outcomes)}`);
  }
  return [
    figureOf({
      what: `eventual ops/s, ${options.phones} sockets × 1 in flight`,
      unit: '/s',
      ours: samples.perSecond,
      target: { atLeast: 150 },
      note: `BUSY ${Math.round(median(samples.busy))}/s; audit green ${green}/${options.rounds}`,
    }),
    figureOf({ what: 'eventual tap → ack at that load, p95', unit: 'ms', ours: samples.p95 }),
    figureOf({
      what: 'eventual taps/s offered at which BUSY begins',
      unit: '/s',
      ours: samples.begins,
      note: `the first of ${steps.map((share) => `${Math.round(100 * share)} %`).join(', ')} of it with more than ${100 * BEGUN} % BUSY`,
    }),
  ];
}
