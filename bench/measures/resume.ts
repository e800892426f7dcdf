/** Every socket of a room is cut (the presenter's drill) while people buy: how long until they are back. */
import { setTimeout as pause } from 'node:timers/promises';
import { randomFrom } from '#lib/rehearsal/random.ts';
import { percentile } from '#lib/domain/percentile.ts';
import type { Bench, Measure } from '../lib/bench.ts';
import { inRounds } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver } from '../lib/figures.ts';
import type { RawPhone } from '../lib/raw-phone.ts';
import { closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

/** Bounds of the random pause before a first retry, milliseconds. */
const RETRY_SOONEST_MS = 250;
const RETRY_LATEST_MS = 2_000;
/** Longest wait until the drill has cut every socket, milliseconds. */
const CUT_WITHIN_MS = 20_000;
/** Ops that are bought while everybody is away. */
const MISSED = 20;

interface Round {
  ms: number[];
  gaps: number;
  recovered: number;
}

export const resume: Measure = { name: 'resume', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const { ours, debugToken, options } = bench;
  const show = await openShow(ours, debugToken);
  const sessions = await ours.joinAll(show.show, options.phones);
  const stage = phoneOf(ours, show);
  const phones = sessions.map((session) => phoneOf(ours, session));
  await connectAll([stage, ...phones]);
  const buy = async (count: number) => {
    for (let op = 0; op < count; op += 1) {
      const token = sessions[op % sessions.length]?.token ?? '';
      await ours.call('/demo/allocate', { token, body: { skuId: 'room-1' } });
    }
  };
  const cutWith = (pauseMs: () => number) => cutAll(stage, phones, () => buy(MISSED), pauseMs);
  const rounds = await inRounds(bench, 'resume', async (round) => {
    const random = randomFrom(round);
    const within = () => RETRY_SOONEST_MS + random() * (RETRY_LATEST_MS - RETRY_SOONEST_MS);
    return { spread: await cutWith(within), atOnce: await cutWith(() => RETRY_SOONEST_MS) };
  });
  closeAll([stage, ...phones]);
  const figure = figuresOver(rounds);
  const all = [...rounds.map(({ spread }) => spread), ...rounds.map(({ atOnce }) => atOnce)];
  return [
    figure(
      `${options.phones} cut at once, retries spread as the pages do: first retry → welcome, p95`,
      'ms',
      ({ spread }) => percentile(spread.ms, 0.95),
      { target: { atMost: 1_000 } },
    ),
    figure('the same, all of them trying in one instant, p95', 'ms', ({ atOnce }) =>
      percentile(atOnce.ms, 0.95),
    ),
    figuresOver(all)('gaps after coming back', '', ({ gaps }) => gaps, {
      target: { exactly: 0 },
      note: `${MISSED} ops missed each time; all events told again to ${Math.min(...all.map((round) => round.recovered))} of ${options.phones}`,
    }),
  ];
}

/** Cuts everybody, buys meanwhile, and lets each phone return after its own pause. */
async function cutAll(
  stage: RawPhone,
  phones: RawPhone[],
  meanwhile: () => Promise<void>,
  pauseMs: () => number,
): Promise<Round> {
  const everybody = [stage, ...phones];
  const away = everybody.filter((phone) => !phone.open);
  if (away.length > 0) {
    const codes = [...new Set(away.map(({ closedWith }) => closedWith))].join(', ');
    throw new Error(`${away.length} phones were cut off by something else, with ${codes}.`);
  }
  const ms: number[] = [];
  const gapsBefore = gapsOf(everybody);
  const back = everybody.map(async (phone) => {
    await cut(phone);
    await pause(pauseMs());
    const startMs = performance.now();
    await phone.connect();
    if (phone !== stage) ms.push(performance.now() - startMs);
  });
  stage.say({ t: 'drill', kind: 'drop' });
  const bought = meanwhile();
  await Promise.all([...back, bought]);
  const recovered = phones.filter((phone) => phone.recovered).length;
  return { ms, gaps: gapsOf(everybody) - gapsBefore, recovered };
}

/** Waits until the phone is cut off. */
function cut(phone: RawPhone): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('The drill did not cut every socket.')), CUT_WITHIN_MS);
    phone.onClose = () => {
      clearTimeout(late);
      resolve();
    };
  });
}

function gapsOf(phones: RawPhone[]): number {
  return phones.reduce((sum, phone) => sum + phone.gaps, 0);
}
