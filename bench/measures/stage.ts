/** A stage that is hammered for long: what its page costs at the beginning and at the end. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import type { Measure } from '../lib/bench.ts';
import { closeAll } from '../lib/bench.ts';
import { figuresOver } from '../lib/figures.ts';
import { BOTH } from '../lib/lanes.ts';
import { tapAtPace } from '../lib/open-loop.ts';
import { openStagePage, usePage } from '../lib/pages.ts';

const TAPS_PER_SECOND = 500;
const MOST_ROUNDS = 2;
/** Length of each of the two measured stretches, as a share of the run. */
const STRETCH = 1 / 6;
/** Time before the first stretch, in which everything that is drawn once is drawn, seconds. */
const BEGUN_S = 2;
/** For so long the stock lasts at that rate, seconds: a room that is sold out has nothing to tell, and its stage nothing to do. */
const STOCK_S = 190;
/** A longer run has a reset before each of its parts, which are no longer than this, seconds; one reset a minute is allowed. */
const EPOCH_S = 150;
/** Greatest factor of the rate between the two stretches of a short run: as many events in a quarter of the time. */
const HASTE = 4;
/** A second stretch that heard less than this share of the first one's messages would flatter: it had less to draw. */
const HEARD_AT_LEAST = 0.8;

/**
 * A stage that runs for long: processor time of its page's main thread under load, at the beginning and at the end. It must
 * not grow with the length of the log, or a long talk ends with a stage that stutters.
 */
export const stage: Measure = {
  name: 'stage',
  async run(bench) {
    const { ours, options } = bench;
    const browser = await launchBrowser();
    const measure = async (seed: number) => {
      const {
        show,
        skuId,
        sessions,
        phones: crowd,
      } = await bench.room(options.sockets, { mode: BOTH, step: 2 });
      const page = await openStagePage(browser, ours, show);
      const hammer = (seconds: number, haste = 1) =>
        tapAtPace(crowd, { perSecond: TAPS_PER_SECOND * haste, seconds, seed, saysSeen: true });
      // Beside the taps: phones that say nothing for some seconds are let go.
      const renew = async () => {
        for (const { token } of [show, ...sessions]) await ours.call('/auth/renew', { token, body: {} });
        await renewPage(page);
      };
      const isLong = options.stage > STOCK_S;
      const refill = async () => {
        if (!isLong) return;
        await ours.call('/demo/reset', { token: show.token, key: randomUUID(), body: { skuId } });
      };
      const stretch = Math.min(options.stage * STRETCH, EPOCH_S);
      const middle = options.stage - 2 * stretch - BEGUN_S;
      const parts = isLong ? Math.ceil(middle / EPOCH_S) : 1;
      const haste = isLong ? 1 : Math.min(HASTE, (STOCK_S - 2 * stretch - BEGUN_S) / middle);
      await hammer(BEGUN_S);
      const first = await usePage(page, () => hammer(stretch));
      for (let part = 0; part < parts; part += 1) {
        await refill();
        await Promise.all([hammer(middle / parts, haste), renew()]);
      }
      await refill();
      // Waits until what came at the higher rate is drawn.
      await pause(1_000);
      const last = await usePage(page, () => hammer(stretch));
      const gone = crowd.filter(({ open }) => !open).length;
      if (gone > 0) throw new Error(`${gone} phones of the crowd were let go.`);
      // A late room sends fewer frames, which would make the end look cheap; more of them only make it dearer.
      if (!(last.messagesPerSecond >= HEARD_AT_LEAST * first.messagesPerSecond))
        throw new Error(
          `The stage heard ${first.messagesPerSecond.toFixed(1)} messages a second, and ${last.messagesPerSecond.toFixed(1)} in the end: the machine was not idle.`,
        );
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
