/**
 * Pages of a room under load, in a real browser: processor time of a phone's page, frame rate of the stage's chart, and how
 * soon a phone on a slow network can tap. The browser shares the machine with the room and the load.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { percentile } from '#lib/domain/percentile.ts';
import { sum } from '../../scripts/crowd/hammering.ts';
import type { Session } from '../../scripts/crowd/site.ts';
import { count } from '../../scripts/crowd/tally.ts';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import { closeAll } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figuresOver, median } from '../lib/figures.ts';
import { BOTH, SAFE } from '../lib/lanes.ts';
import { tapAtPace } from '../lib/open-loop.ts';
import type { PageUse } from '../lib/pages.ts';
import { loadPhonePage, openPhonePage, openStagePage, READY, usePage } from '../lib/pages.ts';

const TAPS_PER_SECOND = 500;
/** Pause after a page has opened, so that its start is not measured, milliseconds. */
const SETTLED_MS = 500;

/** Results of one round in one mode. */
interface Round {
  /** A phone that only receives, and one that taps as often as the others do. */
  pocket: PageUse;
  hand: PageUse;
  stage: PageUse;
  /** Number of answers to the crowds of all three pages, by outcome. */
  outcomes: Record<string, number>;
}

export const pages: Measure = {
  name: 'pages',
  async run(bench) {
    const { ours, options } = bench;
    const rounds = new Map<string, Round[]>(
      (options.short ? [BOTH] : [SAFE, BOTH]).map((mode) => [mode, []]),
    );
    const browser = await launchBrowser();
    try {
      const { show } = await bench.openShow();
      // The first page load warms the server up and is not counted.
      await loadPhonePage(browser, ours, show);
      const loads = await bench.rounds('pages', async (round) => {
        const load = await loadPhonePage(browser, ours, show);
        for (const [mode, measured] of rounds) measured.push(await measureRound(bench, browser, mode, round));
        return load;
      });
      const figure = figuresOver(loads);
      return [
        ...[...rounds].flatMap(([mode, measured]) =>
          useFigures(`${TAPS_PER_SECOND} taps/s of ${options.phones} phones, ${mode}`, measured),
        ),
        figure(
          'first visit of a phone on slow 4G, from the address to a button that takes taps',
          'ms',
          ({ usableMs }) => usableMs,
          { target: { atMost: 1_500 }, note: `${median(loads.map(({ scripts }) => scripts))} scripts` },
        ),
        figure(
          'JavaScript of the phone’s page until then, gzip',
          'kB',
          ({ gzipBytes }) => gzipBytes / 1_024,
          {
            target: { atMost: 60 },
          },
        ),
      ];
    } finally {
      await browser.close();
    }
  },
};

async function measureRound(bench: Bench, browser: Browser, mode: string, seed: number): Promise<Round> {
  const { ours, options } = bench;
  const { phones: people, seconds } = options;
  const outcomes: Record<string, number> = {};
  /** Opens a page in a room of its own, with a crowd that taps when it is told to. */
  const hammered = async (
    open: (session: Session) => Promise<Page>,
    measure: (page: Page, hammer: () => Promise<unknown>) => Promise<PageUse>,
  ) => {
    // As many units as taps, so that the chart and the cells fill until the end and every tap that is not BUSY is an event.
    const capacity = Math.ceil(TAPS_PER_SECOND * seconds);
    const { show, phones: crowd } = await bench.room(people, { capacity, mode, step: 2 });
    const page = await open(show);
    await pause(SETTLED_MS);
    const onAnswer = ({ outcome }: { outcome: string }) => count(outcomes, outcome);
    const pace = { perSecond: TAPS_PER_SECOND, seconds, seed, saysSeen: true, onAnswer };
    const use = await measure(page, () => tapAtPace(crowd, pace));
    await page.context().close();
    closeAll(crowd);
    return use;
  };
  const phone = ({ show }: Session) => openPhonePage(browser, ours, show);
  return {
    pocket: await hammered(phone, usePage),
    hand: await hammered(phone, (page, hammer) =>
      usePage(page, () => Promise.all([hammer(), tapAlong(page, options)])),
    ),
    stage: await hammered(
      (session) => openStagePage(browser, ours, session),
      (page, hammer) => usePage(page, hammer, { paints: true }),
    ),
    outcomes,
  };
}

/** Taps the page's button by touch, as often as each phone of the crowd. */
async function tapAlong(page: Page, { phones: people, seconds }: Bench['options']): Promise<void> {
  const endMs = performance.now() + seconds * 1_000;
  const box = await page.locator(READY).boundingBox();
  if (!box) throw new Error('There is no button to tap.');
  while (performance.now() < endMs) {
    await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
    await pause((1_000 * people) / TAPS_PER_SECOND);
  }
}

function useFigures(under: string, rounds: Round[]): Figure[] {
  const figure = figuresOver(rounds);
  const outcomes = rounds.map((round) => JSON.stringify(round.outcomes)).join(' ');
  const longTasks = rounds.map(({ stage }) => stage.longTasks).join(', ');
  const percent = (page: keyof Omit<Round, 'outcomes'>, of: 'main' | 'script' | 'layout') =>
    `${median(rounds.map((round) => 100 * round[page][of])).toFixed(1)} %`;
  const spentOn = (page: keyof Omit<Round, 'outcomes'>) =>
    `scripts ${percent(page, 'script')}, style and layout ${percent(page, 'layout')}`;
  const main = (what: string, page: 'pocket' | 'hand', note: string) =>
    figure(
      `${under}: main thread of a phone’s page, of a core${what}`,
      '%',
      (round) => 100 * round[page].main,
      { target: { atMost: 5 }, note },
    );
  const betweenMs = (share: number) => (round: Round) => percentile(round.stage.frameMs, share);
  const percentiles = [0.5, 0.95].map(
    (share) => `p${100 * share} ${median(rounds.map(betweenMs(share))).toFixed(1)} ms`,
  );
  return [
    main('', 'pocket', `${spentOn('pocket')}; answers ${outcomes}`),
    main(', while it is tapped as often as the others', 'hand', spentOn('hand')),
    figure(`${under}: messages to a phone’s page`, 'kB/s', ({ pocket }) => pocket.bytesPerSecond / 1_000, {
      target: { atMost: 20 },
    }),
    figure(
      `${under}: frames of the stage, painted without a graphics card`,
      '/s',
      ({ stage: { frameMs } }) => (1_000 * frameMs.length) / sum(frameMs, (ms) => ms),
      {
        target: { atLeast: 30 },
        note: `main thread ${percent('stage', 'main')} of a core, of it ${spentOn('stage')}`,
      },
    ),
    figure(`${under}: from frame to frame of the stage, p99`, 'ms', betweenMs(0.99), {
      note: `${percentiles.join(', ')}; tasks of more than 50 ms: ${longTasks}`,
    }),
  ];
}

const MOST_ROUNDS = 2;
/** Factor of the rate between the two stretches: as many events in a quarter of the time. Long runs do without it. */
const HASTE = 4;
const UNHURRIED_S = 600;
/** Length of each of the two measured stretches, as a share of the run. */
const STRETCH = 1 / 6;
/** How much the messages of the two stretches may differ, as a share of the first. */
const UNEVEN = 0.2;
/** All sessions are renewed this often, seconds: half of the time for which one lasts. */
const RENEWED_EVERY_S = 600;
/** Time before the first stretch, in which everything that is drawn once is drawn, seconds. */
const BEGUN_S = 2;

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
      // A late room sends fewer frames, so two stretches compare only when they heard about as many messages a second.
      const heard = last.messagesPerSecond / first.messagesPerSecond;
      if (!(Math.abs(heard - 1) <= UNEVEN))
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
