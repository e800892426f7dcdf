/** Frames: what it costs to deliver one to one more phone, and that their number does not grow with the number of taps. */
import type { Phone } from '../../scripts/crowd/phone.ts';
import type { Measure } from '../lib/bench.ts';
import { closeAll, connectAll } from '../lib/bench.ts';
import { figuresOver, median } from '../lib/figures.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import type { Stretch } from '../lib/processes.ts';
import { loadShare, stretch } from '../lib/processes.ts';

/** Taps a second: enough that every frame has something new, too few to matter beside a crowd's frames. */
const FEW_TAPS = 20;
const MANY_TAPS = 500;
/** A small crowd, which costs what is not delivery: the taps, the making of a frame, the loop. */
const FEW_PHONES = 10;
const SHORT_SECONDS = 1;

/**
 * The cost of delivering a frame to one phone: a crowd that a few taps keep sending frames to, and in turn the bare loop,
 * which sends as many bytes to as many sockets at the same rate and does nothing else.
 */
export const fanOut: Measure = {
  name: 'fan-out',
  async run(bench) {
    const { bare, groups } = bench;
    const { sockets, short } = bench.options;
    const seconds = short ? SHORT_SECONDS : bench.options.seconds;
    const next = bench.roomsFor(sockets);
    const { phones: crowd } = await next();
    const { phones: few } = await next(FEW_PHONES);
    const bareCrowd = await connectAll(bench.barePhones('fan', 'crowd', sockets));
    const bareFew = await connectAll(bench.barePhones('fan', 'few', FEW_PHONES));

    /** One round: the crowd and the loop, each also with few phones, and the crowd with many taps. */
    const measure = async (seed: number) => {
      const tapped = (phones: Phone[], perSecond: number) =>
        stretch(phones, groups.ours, () => tapUntilAnswered(phones, { perSecond, seconds, seed }));
      const withCrowd = await tapped(crowd, FEW_TAPS);
      const everyMs = Math.round((1_000 * sockets * withCrowd.use.wallSeconds) / withCrowd.frames);
      const query = `bytes=${frameBytes(withCrowd)}&everyMs=${everyMs}&forMs=${1_000 * seconds}`;
      const looped = (phones: Phone[], name: string) =>
        stretch(phones, groups.bare, async () => {
          const answer = await fetch(`${bare.url}/fan/${name}?${query}`, { method: 'POST' });
          if (!answer.ok) throw new Error(`The bare loop answered ${answer.status}.`);
          await answer.text();
        });
      return {
        crowd: withCrowd,
        loop: await looped(bareCrowd, 'crowd'),
        few: await tapped(few, FEW_TAPS),
        fewLoop: await looped(bareFew, 'few'),
        many: await tapped(crowd, MANY_TAPS),
      };
    };
    const rounds = await bench.rounds('fan-out', measure, {
      warmsUp: true,
      told: (round) => `, ${frameBytes(round.crowd)} bytes a frame; ${loadShare(round.crowd.use)}`,
    });
    closeAll([...crowd, ...few, ...bareCrowd, ...bareFew]);

    const serverUs = ({ use, frames }: Stretch) => (1e6 * use.serverSeconds) / frames;
    const perSecond = ({ use, frames }: Stretch) => frames / use.wallSeconds;
    /** Cost of one more delivery, microseconds: the difference of two crowds, divided by the difference of their deliveries. */
    const moreUs = (all: Stretch, least: Stretch) =>
      (1e6 * (all.use.serverSeconds - least.use.serverSeconds)) / (all.frames - least.frames);
    const figure = figuresOver(rounds);
    const bytes = median(rounds.map((round) => frameBytes(round.crowd)));
    return [
      figure(`server CPU per delivery, ${sockets} phones`, 'µs', (round) => moreUs(round.crowd, round.few), {
        beside: ['bare loop', ({ loop, fewLoop }) => moreUs(loop, fewLoop)],
        target: { ratioAtMost: 1.1 },
        note: `frames of ${bytes} bytes, kept going by ${FEW_TAPS} taps/s; what as many frames to ${FEW_PHONES} phones cost is taken off on both sides`,
      }),
      figure(`frames delivered, ${sockets} phones`, '/s', (round) => perSecond(round.crowd), {
        beside: ['bare loop', ({ loop }) => perSecond(loop)],
      }),
      figure(
        `server CPU per delivery, ${sockets} phones at ${MANY_TAPS} taps/s, everything included`,
        'µs',
        ({ many }) => serverUs(many),
        { beside: ['bare loop', ({ loop }) => serverUs(loop)] },
      ),
      figure(
        'load process’s own CPU per delivery, beside the server’s',
        'µs',
        (round) => (1e6 * round.crowd.use.loadSeconds) / round.crowd.frames,
        { beside: ['server', (round) => serverUs(round.crowd)], target: { ratioAtMost: 1 } },
      ),
    ];
  },
};

function frameBytes({ frameBytes, frames }: Stretch): number {
  return Math.round(frameBytes / frames);
}

/** Taps a second of each phone; ten times as many are still half of what a socket may send. */
const SLOW = 0.5;
const FAST = 10 * SLOW;

/** Frames a second while the same phones tap slowly and ten times as fast, in turn. */
export const sends: Measure = {
  name: 'sends',
  async run(bench) {
    const { phones: people, seconds } = bench.options;
    const next = bench.roomsFor(people);
    const rounds = await bench.rounds('sends', async (seed) => {
      const { phones } = await next();
      const at = async (each: number) => {
        const pace = { perSecond: people * each, seconds, seed };
        const { made, frames, use } = await stretch(phones, bench.groups.ours, () =>
          tapUntilAnswered(phones, pace),
        );
        return { perSecond: frames / use.wallSeconds, outcomes: made.outcomes };
      };
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
  },
};
