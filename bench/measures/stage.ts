/**
 * A stage that runs for long: processor time of its page's main thread under load, at the beginning and at the end. It must
 * not grow with the length of the log, or a long talk ends with a stage that stutters.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import type { Measure } from '../lib/bench.ts';
import { closeAll } from '../lib/bench.ts';
import { figuresOver } from '../lib/figures.ts';
import { BOTH } from '../lib/lanes.ts';
import { tapAtPace } from '../lib/open-loop.ts';
import { openStagePage, usePage } from '../lib/pages.ts';

const MOST_ROUNDS = 2;
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

export const stage: Measure = {
  name: 'stage',
  async run(bench) {
    const { ours, options } = bench;
    const browser = await launchBrowser();
    const measure = async (seed: number) => {
      const { show, sessions, phones: crowd } = await bench.room(options.sockets, { mode: BOTH, step: 2 });
      const page = await openStagePage(browser, ours, show);
      const hammer = (seconds: number, haste = 1) =>
        tapAtPace(crowd, { perSecond: TAPS_PER_SECOND * haste, seconds, seed, saysSeen: true });
      const stretch = options.stage * STRETCH;
      await hammer(BEGUN_S);
      const first = await usePage(page, () => hammer(stretch));
      const haste = options.stage < UNHURRIED_S ? HASTE : 1;
      for (let left = options.stage - 2 * stretch - BEGUN_S; left > 0; left -= RENEWED_EVERY_S) {
        await hammer(Math.min(left, RENEWED_EVERY_S), haste);
        for (const { token } of [show, ...sessions]) await ours.call('/auth/renew', { token, body: {} });
        await renewPage(page);
      }
      // Waits until what came at the higher rate is drawn.
      await pause(1_000);
      const last = await usePage(page, () => hammer(stretch));
      if (last.messagesPerSecond === 0) throw new Error('The stage heard nothing in the end.');
      const events = Math.max(...crowd.map(({ seq }) => seq));
      const heapMb = await page.evaluate(
        () => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize / 1e6,
      );
      await page.context().close();
      closeAll(crowd);
      return { first, last, events, heapMb };
    };
    const rounds = await bench.rounds('stage', measure, { most: MOST_ROUNDS }).finally(() => browser.close());
    const events = rounds.map((each) => each.events).join(', ');
    const heap = rounds.map(({ heapMb }) => heapMb.toFixed(1)).join(', ');
    // A late room sends fewer frames, so the two stretches compare only when they heard equally many messages a second.
    const messages = rounds.map((round) =>
      [round.first, round.last].map(({ messagesPerSecond }) => messagesPerSecond.toFixed(1)).join(' → '),
    );
    return [
      figuresOver(rounds)(
        `stage after ${options.stage} s of a hammered room, both: its main thread, at ${TAPS_PER_SECOND} taps/s`,
        '% of a core',
        ({ last }) => 100 * last.main,
        {
          beside: ['its beginning', ({ first }) => 100 * first.main],
          target: { ratioAtMost: 1.2 },
          note: `${events} events; heap in the end ${heap} MB; a second it heard ${messages.join(', ')} messages`,
        },
      ),
    ];
  },
};

/** A stage is a presenter's session of its own, which its page renews on request only. */
async function renewPage(page: Page): Promise<void> {
  const status = await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch('/api/auth/renew?as=presenter', { method: 'POST', headers, body: '{}' });
    return answer.status;
  });
  if (status !== 200) throw new Error(`The stage's session could not be renewed: ${status}.`);
}
