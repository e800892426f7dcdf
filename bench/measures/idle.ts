/** One phone in a quiet room: from tap to answer, beside the bare objects. */
import { setTimeout as pause } from 'node:timers/promises';
import { quantile } from '../../scripts/crowd/samples.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
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

async function run({ ours, bare, debugToken, options }: Bench): Promise<Figure[]> {
  const rounds: Round[] = [];
  const show = await openShow(ours, debugToken);
  // A round has a phone of its own, and with it a full rate limit.
  const taps = options.short ? SHORT_TAPS : TAPS;
  for (let round = options.short ? 1 : 0; round <= options.rounds; round += 1) {
    const [phone] = (await ours.joinAll(show.show, 1)).map((session) => phoneOf(ours, session));
    const [write] = await barePhones(bare, 'write', `idle-${round}`, 1);
    const [echo] = await barePhones(bare, 'echo', `idle-${round}`, 1);
    if (!phone || !write || !echo) throw new Error('No phones');
    await connectAll([phone]);
    const ms = await tapInTurn({ ours: phone, write, echo }, taps);
    closeAll([phone, write, echo]);
    // The first round warms both runtimes up and is not counted.
    if (round > 0) rounds.push(ms);
  }
  return figures(rounds);
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
  const of = (side: Side, share: number) => rounds.map((round) => quantile(round[side], share));
  const beside = (side: Side, share: number) => ({ what: NAMES[side], samples: of(side, share) });
  const figure = (side: Side, share: number) => ({
    what: `tap → ack on an idle room, p${100 * share}`,
    unit: 'ms',
    ours: of('ours', share),
    beside: beside(side, share),
  });
  // A round is too small for a 99th percentile: all rounds together are one sample.
  const all = (side: Side) =>
    quantile(
      rounds.flatMap((round) => round[side]),
      0.99,
    );
  return [
    figureOf({ ...figure('write', 0.5), target: { ratioAtMost: 1.5 } }),
    figureOf(figure('echo', 0.5)),
    figureOf(figure('write', 0.95)),
    figureOf({
      what: 'tap → ack on an idle room, p99 of all rounds',
      unit: 'ms',
      ours: [all('ours')],
      beside: { what: NAMES.write, samples: [all('write')] },
    }),
  ];
}

const NAMES: Record<Side, string> = { ours: 'ours', write: 'bare, one write', echo: 'bare echo' };
