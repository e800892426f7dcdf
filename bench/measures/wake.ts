/** The first answer after hibernation: rooms and bare objects really fall asleep, side by side. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Session } from '../../scripts/crowd/site.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import { answerMs } from '../lib/raw-phone.ts';
import type { RawPhone } from '../lib/raw-phone.ts';
import { barePhones, closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

/** Silence before a tap, milliseconds: an object hibernates after 10 s of it (ARCHITECTURE.md, the platform). */
const SLEEP_MS = 12_000;
/** Rooms of a show, which sleep at the same time. */
const ROOMS = 5;
/** Sleeps in a run; each gives one sample per room. */
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
    // Every phone taps once, so that a waking room has something to read.
    for (const phone of [...phones, ...others]) await answerMs(phone);
    say(`wake: sleep ${sleep} of ${sleeps}, ${SLEEP_MS / 1_000} s`);
    await pause(SLEEP_MS);
    for (const [index, phone] of phones.entries()) {
      const sides = [() => answerInto(samples.ours, phone), () => answerInto(samples.write, others[index])];
      // Who is asked first takes turns, because the first one also finds the machine's processors asleep.
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

  /** How often each room has woken: the lives that a welcome names, less the first one. */
  async function wakesOf(of: Session, before: RawPhone[]): Promise<number[]> {
    closeAll(before);
    const again = of.skuIds.map((skuId) => phoneOf(ours, of, skuId));
    await connectAll(again);
    const lives = again.map((phone) => phone.wakes - 1);
    closeAll(again);
    return lives;
  }
}
