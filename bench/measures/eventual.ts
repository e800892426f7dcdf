/** Throughput of the eventual lane, the share of BUSY above it, and the offered rate at which BUSY begins. */
import { percentile } from '#lib/domain/percentile.ts';
import type { Measure } from '../lib/bench.ts';
import { closeAll } from '../lib/bench.ts';
import { figuresOver, median } from '../lib/figures.ts';
import { EVENTUAL } from '../lib/lanes.ts';
import { auditOf } from '../lib/meters.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import { saturate } from '../lib/saturate.ts';

/** Offered rates as shares of the lane's throughput, and how long each is offered. */
const STEPS = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5];
const SHORT_STEPS = [0.7, 1, 1.5];
const STEP_SECONDS = 2;
const SHORT_STEP_SECONDS = 0.5;
/** Share of BUSY from which it counts as begun, so that a single unlucky moment does not. */
const BEGUN = 0.01;

export const eventual: Measure = {
  name: 'eventual',
  async run(bench) {
    const { options, groups } = bench;
    const steps = options.short ? SHORT_STEPS : STEPS;
    const seconds = options.short ? SHORT_STEP_SECONDS : STEP_SECONDS;
    const next = bench.roomsFor(options.phones, { mode: EVENTUAL });
    const measure = async (seed: number) => {
      const room = await next();
      const load = {
        inFlight: 1,
        durationMs: options.seconds * 1_000,
        counts: 'allocated',
        group: groups.ours,
      };
      const slice = await saturate(room.phones, load);
      let begins = NaN;
      for (const share of steps) {
        const perSecond = share * slice.perSecond;
        const { outcomes, taps } = await tapUntilAnswered(room.phones, { perSecond, seconds, seed });
        if ((outcomes['BUSY'] ?? 0) <= BEGUN * taps) continue;
        begins = perSecond;
        break;
      }
      const isGreen = (await auditOf(bench, room)).length === 0;
      closeAll(room.phones);
      return { slice, begins, isGreen };
    };
    const rounds = await bench.rounds('eventual', measure, {
      told: ({ slice }) => `, ${JSON.stringify(slice.outcomes)}`,
    });
    const busy = median(rounds.map(({ slice }) => (slice.outcomes['BUSY'] ?? 0) / options.seconds));
    const green = rounds.filter(({ isGreen }) => isGreen).length;
    const figure = figuresOver(rounds);
    return [
      figure(
        `eventual ops/s, ${options.phones} sockets × 1 in flight`,
        '/s',
        ({ slice }) => slice.perSecond,
        {
          target: { atLeast: 150 },
          note: `BUSY ${Math.round(busy)}/s; audit green ${green}/${options.rounds}`,
        },
      ),
      figure('eventual tap → ack at that load, p95', 'ms', ({ slice }) => percentile(slice.ms, 0.95)),
      figure('eventual taps/s offered at which BUSY begins', '/s', ({ begins }) => begins, {
        note: `the first of ${steps.map((share) => `${Math.round(100 * share)} %`).join(', ')} of it with more than ${100 * BEGUN} % BUSY`,
      }),
    ];
  },
};
