/**
 * Pages of a room under load, in a real browser: processor time of a phone's page, frame rate of the stage's chart, and how
 * soon a phone on a slow network can tap. The browser shares the machine with the room and the load.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { percentile } from '#lib/domain/percentile.ts';
import { sum } from '../../scripts/crowd/hammering.ts';
import type { Session } from '../../scripts/crowd/site.ts';
import { count } from '../../scripts/crowd/figures.ts';
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
