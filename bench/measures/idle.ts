/** One phone in a quiet room: from tap to answer, beside the bare objects. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Phone } from '../../scripts/crowd/phone.mjs';
import { quantile } from '../../scripts/crowd/samples.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import { barePhones, closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

/** Taps of a round on each side: far below the 200 that a phone may make in one go. */
const TAPS = 40;
/** Between two taps on any side, milliseconds: below the 20 messages a second of a socket, and the room is quiet again. */
const APART_MS = 25;

export const idle: Measure = { name: 'idle', fresh: false, run };

async function run({ ours, bare, debugToken, options }: Bench): Promise<Figure[]> {
  const samples: Record<'ours' | 'write' | 'echo', number[]> = { ours: [], write: [], echo: [] };
  const show = await openShow(ours, debugToken);
  // A round has a phone of its own, and with it a full rate limit.
  for (let round = 0; round <= options.rounds; round += 1) {
    const [phone] = (await ours.joinAll(show.show, 1)).map((session) => phoneOf(ours, session));
    const [write] = await barePhones(bare, 'write', `idle-${round}`, 1);
    const [echo] = await barePhones(bare, 'echo', `idle-${round}`, 1);
    if (!phone || !write || !echo) throw new Error('No phones');
    await connectAll([phone]);
    const sides = { ours: phone, write, echo };
    const ms: Record<keyof typeof sides, number[]> = { ours: [], write: [], echo: [] };
    for (let tap = 0; tap < TAPS; tap += 1) {
      for (const [side, on] of Object.entries(sides) as [keyof typeof sides, Phone][]) {
        ms[side].push(await answerMs(on));
        await pause(APART_MS);
      }
    }
    closeAll([phone, write, echo]);
    // The first round warms both runtimes up and is not counted.
    if (round === 0) continue;
    for (const side of Object.keys(sides) as (keyof typeof sides)[]) {
      samples[side].push(quantile(ms[side], 0.5));
    }
  }
  const common = { what: 'tap → ack on an idle room, p50', unit: 'ms', ours: samples.ours };
  return [
    figureOf({
      ...common,
      beside: { what: 'bare, one write', samples: samples.write },
      target: { ratioAtMost: 1.5 },
    }),
    figureOf({ ...common, beside: { what: 'bare echo', samples: samples.echo } }),
  ];
}

/** Taps once and waits for the answer. */
function answerMs(phone: Phone): Promise<number> {
  return new Promise((resolve) => {
    phone.onAnswer = ({ ms }) => resolve(ms);
    phone.tap();
  });
}
