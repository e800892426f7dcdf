/** One phone in a quiet room: from tap to answer, beside the bare objects. */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '#lib/domain/percentile.ts';
import type { Bench, Measure } from '../lib/bench.ts';
import { inRounds } from '../lib/bench.ts';
import type { Figure, Target } from '../lib/figures.ts';
import { figureOf, figuresOver } from '../lib/figures.ts';
import { answerMs } from '../lib/raw-phone.ts';
import type { RawPhone } from '../lib/raw-phone.ts';
import { barePhones, closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

/** Taps of a round on each side: far below the 200 that a phone may make at once. */
const TAPS = 40;
const SHORT_TAPS = 15;
/** Between two taps on any side, milliseconds: less than 20 messages a second of a socket, and the room is quiet again. */
const APART_MS = 25;

export const idle: Measure = { name: 'idle', fresh: false, run };

type Side = 'ours' | 'write' | 'echo';
/** Milliseconds of one round's taps on each side. */
type Round = Record<Side, number[]>;

async function run(bench: Bench): Promise<Figure[]> {
  const { ours, bare, debugToken, options } = bench;
  const show = await openShow(ours, debugToken);
  // A round has a phone of its own, and with it a full rate limit.
  const taps = options.short ? SHORT_TAPS : TAPS;
  const measure = async (round: number) => {
    const [phone] = (await ours.joinAll(show.show, 1)).map((session) => phoneOf(ours, session));
    const [write] = await barePhones(bare, 'write', `idle-${round}`, 1);
    const [echo] = await barePhones(bare, 'echo', `idle-${round}`, 1);
    if (!phone || !write || !echo) throw new Error('No phones');
    await connectAll([phone]);
    const ms = await tapInTurn({ ours: phone, write, echo }, taps);
    closeAll([phone, write, echo]);
    return ms;
  };
  return figures(await inRounds(bench, 'idle', measure, { warmsUp: true }));
}

async function tapInTurn(phones: Record<Side, RawPhone>, taps: number): Promise<Round> {
  const ms: Round = { ours: [], write: [], echo: [] };
  for (let tap = 0; tap < taps; tap += 1) {
    for (const side of Object.keys(phones) as Side[]) {
      ms[side].push(await answerMs(phones[side]));
      await pause(APART_MS);
    }
  }
  return ms;
}

function figures(rounds: Round[]): Figure[] {
  const figure = figuresOver(rounds);
  const beside = (side: Side, share: number, target?: Target) =>
    figure(`tap → ack on an idle room, p${100 * share}`, 'ms', ({ ours }) => percentile(ours, share), {
      beside: [NAMES[side], (round) => percentile(round[side], share)],
      target,
    });
  // A round is too small for a 99th percentile: all rounds together are one sample.
  const all = (side: Side) =>
    percentile(
      rounds.flatMap((round) => round[side]),
      0.99,
    );
  return [
    beside('write', 0.5, { ratioAtMost: 1.5 }),
    beside('echo', 0.5),
    beside('write', 0.95),
    figureOf({
      what: 'tap → ack on an idle room, p99 of all rounds',
      unit: 'ms',
      ours: [all('ours')],
      beside: { what: NAMES.write, samples: [all('write')] },
    }),
  ];
}

const NAMES: Record<Side, string> = { ours: 'ours', write: 'bare, one write', echo: 'bare echo' };
