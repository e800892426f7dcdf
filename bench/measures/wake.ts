/** The first answer of an object that slept: rooms and bare objects sleep side by side, for real. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Session } from '../../scripts/crowd/site.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import { answerMs } from '../lib/raw-phone.ts';
import type { RawPhone } from '../lib/raw-phone.ts';
import { barePhones, closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

/** The runtime puts an object to sleep after ten seconds of silence. */
const SLEEP_MS = 12_000;
/** Rooms of a show: as many sleep at once. */
const ROOMS = 5;
/** Sleeps in a run: each gives a sample for each room. */
const MAX_SLEEPS = 5;

export const wake: Measure = { name: 'wake', fresh: false, run };

async function run({ ours, bare, debugToken, options, say }: Bench): Promise<Figure[]> {
  const show = await openShow(ours, debugToken, { rooms: ROOMS });
  const sessions = await ours.joinAll(show.show, ROOMS);
  const phones = sessions.map((session, index) => phoneOf(ours, session, show.skuIds[index]));
  await connectAll(phones);
  const others: RawPhone[] = [];
  for (let index = 0; index < ROOMS; index += 1)
    others.push(...(await barePhones(bare, 'write', `wake-${index}`, 1)));
  const samples = { ours: [] as number[], write: [] as number[] };
  const answerInto = async (taken: number[], phone: RawPhone | undefined) => {
    if (phone) taken.push(await answerMs(phone));
  };
  const sleeps = Math.min(MAX_SLEEPS, options.rounds);
  for (let sleep = 1; sleep <= sleeps; sleep += 1) {
    // Everybody has acted once, so that waking has something to read.
    for (const phone of [...phones, ...others]) await answerMs(phone);
    say(`wake: sleep ${sleep} of ${sleeps}, ${SLEEP_MS / 1_000} s`);
    await pause(SLEEP_MS);
    for (const [index, phone] of phones.entries()) {
      const sides = [() => answerInto(samples.ours, phone), () => answerInto(samples.write, others[index])];
      // Whoever is asked first finds the machine asleep, too: they take turns.
      for (const ask of (sleep + index) % 2 === 0 ? sides : sides.toReversed()) await ask();
    }
  }
  const wakes = await wakesOf(show, phones);
  closeAll([...phones, ...others]);
  return [
    figureOf({
      what: `first answer after ${SLEEP_MS / 1_000} s of silence`,
      unit: 'ms',
      ours: samples.ours,
      beside: { what: 'bare, one write', samples: samples.write },
      target: { ratioAtMost: 1.5 },
    }),
    figureOf({
      what: 'times that each room had slept',
      unit: '',
      ours: wakes,
      target: { exactly: sleeps },
      note: 'by the count of its lives that a welcome tells',
    }),
  ];

  /** How often each room was made anew: a welcome tells its lives, and the first is no waking. */
  async function wakesOf(of: Session, before: RawPhone[]): Promise<number[]> {
    closeAll(before);
    const again = of.skuIds.map((skuId) => phoneOf(ours, of, skuId));
    await connectAll(again);
    const lives = again.map((phone) => phone.wakes - 1);
    closeAll(again);
    return lives;
  }
}
