/** New connections and resumes a second, in turn with new connections of the bare object. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, Measure } from '../lib/bench.ts';
import { inRounds } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver } from '../lib/figures.ts';
import type { RawPhone } from '../lib/raw-phone.ts';
import { answerMs } from '../lib/raw-phone.ts';
import { barePhonesOf, closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

/** Connections that are opened at once. */
const AT_ONCE = 64;
/** Pause until the hosts have noticed that everybody is gone, milliseconds. */
const GONE_MS = 500;

export const connect: Measure = { name: 'connect', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const { ours, bare, debugToken, options } = bench;
  const { sockets } = options;
  const show = await openShow(ours, debugToken);
  const sessions = await ours.joinAll(show.show, sockets);
  const buyer = phoneOf(ours, show);
  await connectAll([buyer]);
  let told = 0;
  const measure = async (round: number) => {
    const phones = sessions.map((session) => phoneOf(ours, session));
    const connects = await perSecond(phones);
    // One phone buys, so that those who come back have missed something.
    await away(phones, () => answerMs(buyer));
    const resumes = await perSecond(phones);
    told = phones.filter(({ recovered }) => recovered).length;
    await away(phones, () => pause(0));
    const others = barePhonesOf(bare, 'write', `connect-${round}`, sockets);
    const bares = await perSecond(others);
    await away(others, () => pause(0));
    return { connects, resumes, bares };
  };
  const rounds = await inRounds(bench, 'connect', measure, { warmsUp: true });
  closeAll([buyer]);
  const figure = figuresOver(rounds);
  const beside = ['bare, one write', ({ bares }: (typeof rounds)[number]) => bares] as const;
  const what = `connects, ${sockets} sockets, ${AT_ONCE} at once`;
  return [
    figure(what, '/s', ({ connects }) => connects, { beside }),
    figure('resumes, the same', '/s', ({ resumes }) => resumes, {
      beside,
      note: `all that was missed was told to ${told} of ${sockets}`,
    }),
  ];
}

async function perSecond(phones: RawPhone[]): Promise<number> {
  const startMs = performance.now();
  await connectAll(phones, AT_ONCE);
  return (1_000 * phones.length) / (performance.now() - startMs);
}

async function away(phones: RawPhone[], meanwhile: () => Promise<unknown>): Promise<void> {
  closeAll(phones);
  await meanwhile();
  await pause(GONE_MS);
}
