/** The number of frames must not grow with the number of taps: the same phones tap slowly and ten times as fast, in turn. */
import type { Bench, Measure } from '../lib/bench.ts';
import { inRounds } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver } from '../lib/figures.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import { closeAll, Rooms } from '../lib/rooms.ts';
import type { RawPhone } from '../lib/raw-phone.ts';

/** Taps a second of each phone; ten times as many are still half of what a socket may send. */
const SLOW = 0.5;
const FAST = 10 * SLOW;

export const sends: Measure = { name: 'sends', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const { options } = bench;
  const { phones: people } = options;
  const rooms = new Rooms(bench, people);
  const rounds = await inRounds(bench, 'sends', async (round) => {
    const { phones } = await rooms.next();
    const at = (each: number) => framesPerSecond(phones, people * each, options.seconds, round);
    const slow = await at(SLOW);
    const fast = await at(FAST);
    closeAll(phones);
    return { slow, fast };
  });
  const what = `frames sent to ${people} phones at ${people * FAST} taps/s`;
  return [
    figuresOver(rounds)(what, '/s', ({ fast }) => fast.perSecond, {
      beside: [`at ${people * SLOW} taps/s`, ({ slow }) => slow.perSecond],
      target: { ratioAtMost: 1.1 },
      note: rounds.map(({ fast }) => JSON.stringify(fast.outcomes)).join(' '),
    }),
  ];
}

async function framesPerSecond(
  phones: readonly RawPhone[],
  perSecond: number,
  seconds: number,
  seed: number,
) {
  const count = () => phones.reduce((sum, { frames }) => sum + frames, 0);
  const before = count();
  const startMs = performance.now();
  const { outcomes } = await tapUntilAnswered(phones, { perSecond, seconds, seed });
  const wallSeconds = (performance.now() - startMs) / 1_000;
  return { perSecond: (count() - before) / wallSeconds, outcomes };
}
