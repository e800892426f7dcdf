/**
 * A stage that runs for long: processor time of its page's main thread under load, at the beginning and at the end. It must
 * not grow with the length of the log, or a long talk ends with a stage that stutters.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Session, Site } from '../../scripts/crowd/site.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import { inRounds } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver } from '../lib/figures.ts';
import { BOTH } from '../lib/lanes.ts';
import { tapAtPace } from '../lib/open-loop.ts';
import type { PageUse } from '../lib/pages-use.ts';
import { usePage } from '../lib/pages-use.ts';
import { openBrowser, openStagePage } from '../lib/pages.ts';
import { closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

const TAPS_PER_SECOND = 500;
/** Factor of the rate between the two stretches: as many events in a quarter of the time. Long runs do without it. */
const HASTE = 4;
const UNHURRIED_S = 600;
/** Length of each of the two measured stretches, as a share of the run. */
const STRETCH = 1 / 6;
/** All sessions are renewed this often, seconds: half of the time for which one lasts. */
const RENEWED_EVERY_S = 600;
/** Time before the first stretch, in which everything that is drawn once is drawn, seconds. */
const BEGUN_S = 2;

/** One run: use of the page in both stretches, and the room's `seq` at their ends. */
interface Round {
  first: PageUse;
  last: PageUse;
  events: number;
  heapMb: number;
}

export const stage: Measure = { name: 'stage', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const browser = await openBrowser();
  const options = { ...bench.options, rounds: Math.min(2, bench.options.rounds) };
  const measure = (round: number) => measureRound(bench, browser, round);
  const rounds = await inRounds({ ...bench, options }, 'stage', measure).finally(() => browser.close());
  const { stage: seconds } = bench.options;
  const events = rounds.map((each) => each.events).join(', ');
  const heap = rounds.map(({ heapMb }) => heapMb.toFixed(1)).join(', ');
  return [
    figuresOver(rounds)(
      `stage after ${seconds} s of a hammered room, both: its main thread, at ${TAPS_PER_SECOND} taps/s`,
      '% of a core',
      ({ last }) => 100 * last.main,
      {
        beside: ['its beginning', ({ first }) => 100 * first.main],
        target: { ratioAtMost: 1.2 },
        note: `${events} events; heap in the end ${heap} MB; a second it heard ${messages(rounds)} messages`,
      },
    ),
  ];
}

/** Messages a second in both stretches: a late room sends fewer frames, so the figures compare only when these are equal. */
function messages(rounds: Round[]): string {
  const rate = ({ messagesPerSecond }: PageUse) => messagesPerSecond.toFixed(1);
  return rounds.map(({ first, last }) => `${rate(first)} → ${rate(last)}`).join(', ');
}

async function measureRound(
  { ours, debugToken, options }: Bench,
  browser: Browser,
  seed: number,
): Promise<Round> {
  const show = await openShow(ours, debugToken);
  const skuId = show.skuIds[0] ?? '';
  const body = { skuId, mode: BOTH, step: 2 };
  await ours.call('/demo/control', { token: show.token, body });
  const sessions = await ours.joinAll(show.show, options.sockets);
  const crowd = sessions.map((one) => phoneOf(ours, one, skuId, { mode: BOTH }));
  await connectAll(crowd);
  const page = await openStagePage(browser, ours, show);
  const hammer = (seconds: number, haste = 1) =>
    tapAtPace(crowd, { perSecond: TAPS_PER_SECOND * haste, seconds, seed, saysSeen: true });
  const stretch = options.stage * STRETCH;
  await hammer(BEGUN_S);
  const first = await usePage(page, { frames: false }, () => hammer(stretch));
  const haste = options.stage < UNHURRIED_S ? HASTE : 1;
  for (let left = options.stage - 2 * stretch - BEGUN_S; left > 0; left -= RENEWED_EVERY_S) {
    await hammer(Math.min(left, RENEWED_EVERY_S), haste);
    await renewAll(ours, [show, ...sessions]);
    await renewPage(page);
  }
  // Waits until what came at the higher rate is drawn.
  await pause(1_000);
  const last = await usePage(page, { frames: false }, () => hammer(stretch));
  if (last.messagesPerSecond === 0) throw new Error('The stage heard nothing in the end.');
  const events = Math.max(...crowd.map(({ seq }) => seq));
  const heapMb = await page.evaluate(
    () => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize / 1e6,
  );
  await page.context().close();
  closeAll(crowd);
  return { first, last, events, heapMb };
}

/** A stage is a presenter's session of its own, which its page renews on request only. */
async function renewPage(page: Page): Promise<void> {
  const status = await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch('/api/auth/renew?as=presenter', { method: 'POST', headers, body: '{}' });
    return answer.status;
  });
  if (status !== 200) throw new Error(`The stage's session could not be renewed: ${status}.`);
}

async function renewAll(site: Site, sessions: readonly Session[]): Promise<void> {
  for (const { token } of sessions) await site.call('/auth/renew', { token, body: {} });
}
