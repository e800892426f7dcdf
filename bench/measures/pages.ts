/**
 * Pages of a room under load, in a real browser: processor time of a phone's page, frame rate of the stage's chart, and how
 * soon a phone on a slow network can tap. The browser shares the machine with the room and the load.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { percentile } from '#lib/domain/percentile.ts';
import { count } from '../../scripts/crowd/tally.mjs';
import type { Session } from '../../scripts/crowd/site.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf, median } from '../lib/figures.ts';
import { BOTH, SAFE } from '../lib/lanes.ts';
import { tapAtPace } from '../lib/open-loop.ts';
import type { PageLoad } from '../lib/pages-load.ts';
import { loadPhonePage } from '../lib/pages-load.ts';
import type { PageUse } from '../lib/pages-use.ts';
import { usePage } from '../lib/pages-use.ts';
import { openBrowser, openPhonePage, openStagePage, READY } from '../lib/pages.ts';
import { closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

const TAPS_PER_SECOND = 500;
/** Pause after a page has opened, so that its start is not measured, milliseconds. */
const SETTLED_MS = 500;

type Mode = typeof SAFE | typeof BOTH;
/** Results of one round in one mode. */
interface Round {
  /** A phone that only receives, and one that taps as often as the others do. */
  pocket: PageUse;
  hand: PageUse;
  stage: PageUse;
  /** Number of answers to the crowds of all three pages, by outcome. */
  outcomes: Record<string, number>;
}

export const pages: Measure = { name: 'pages', fresh: false, run };

async function run(bench: Bench): Promise<Figure[]> {
  const { ours, debugToken, options, say } = bench;
  const modes: Mode[] = options.short ? [BOTH] : [SAFE, BOTH];
  const rounds = new Map<Mode, Round[]>(modes.map((mode) => [mode, []]));
  const loads: PageLoad[] = [];
  const browser = await openBrowser();
  try {
    const { show } = await openShow(ours, debugToken);
    // The first page load warms the server up and is not counted.
    await loadPhonePage(browser, ours, show);
    for (let round = 1; round <= options.rounds; round += 1) {
      loads.push(await loadPhonePage(browser, ours, show));
      for (const [mode, measured] of rounds) measured.push(await measureRound(bench, browser, mode, round));
      say(`pages: round ${round} of ${options.rounds}`);
    }
  } finally {
    await browser.close();
  }
  return [
    ...[...rounds].flatMap(([mode, measured]) => useFigures(bench, mode, measured)),
    ...loadFigures(loads),
  ];
}

async function measureRound(bench: Bench, browser: Browser, mode: Mode, seed: number): Promise<Round> {
  const { ours, options } = bench;
  const outcomes: Record<string, number> = {};
  const room = { mode, seed, outcomes };
  const phone = ({ show }: Session) => openPhonePage(browser, ours, show);
  const stage = (session: Session) => openStagePage(browser, ours, session);
  return {
    pocket: await hammered(bench, room, phone, (page, hammer) => usePage(page, { frames: false }, hammer)),
    hand: await hammered(bench, room, phone, (page, hammer) =>
      usePage(page, { frames: false }, () => Promise.all([hammer(), tapAlong(page, options)])),
    ),
    stage: await hammered(bench, room, stage, (page, hammer) => usePage(page, { frames: true }, hammer)),
    outcomes,
  };
}

/** Opens a page in a room of its own, with a crowd that taps when it is told to. */
async function hammered(
  { ours, debugToken, options }: Bench,
  { mode, seed, outcomes }: { mode: Mode; seed: number; outcomes: Record<string, number> },
  open: (session: Session) => Promise<Page>,
  measure: (page: Page, hammer: () => Promise<void>) => Promise<PageUse>,
): Promise<PageUse> {
  const { phones: people, seconds } = options;
  // As many units as taps, so that the chart and the cells fill until the end and every tap that is not BUSY is an event.
  const show = await openShow(ours, debugToken, { capacity: Math.ceil(TAPS_PER_SECOND * seconds) });
  const skuId = show.skuIds[0] ?? '';
  await ours.call('/demo/control', { token: show.token, body: { skuId, mode, step: 2 } });
  const crowd = (await ours.joinAll(show.show, people)).map((one) => phoneOf(ours, one, skuId, { mode }));
  await connectAll(crowd);
  const page = await open(show);
  await pause(SETTLED_MS);
  const onAnswer = ({ outcome }: { outcome: string }) => count(outcomes, outcome);
  const pace = { perSecond: TAPS_PER_SECOND, seconds, seed, saysSeen: true, onAnswer };
  const use = await measure(page, () => tapAtPace(crowd, pace).then(() => undefined));
  await page.context().close();
  closeAll(crowd);
  return use;
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

function useFigures({ options }: Bench, mode: Mode, rounds: Round[]): Figure[] {
  const under = `${TAPS_PER_SECOND} taps/s of ${options.phones} phones, ${mode}`;
  const pocket = rounds.map((round) => round.pocket);
  const hand = rounds.map((round) => round.hand);
  const stage = rounds.map((round) => round.stage);
  const outcomes = rounds.map((round) => JSON.stringify(round.outcomes)).join(' ');
  const main = (what: string, uses: PageUse[], note: string) =>
    figureOf({
      what: `${under}: main thread of a phone’s page, of a core${what}`,
      unit: '%',
      ours: uses.map((use) => 100 * use.main),
      target: { atMost: 5 },
      note,
    });
  return [
    main('', pocket, `${spentOn(pocket)}; answers ${outcomes}`),
    main(', while it is tapped as often as the others', hand, spentOn(hand)),
    figureOf({
      what: `${under}: messages to a phone’s page`,
      unit: 'kB/s',
      ours: pocket.map(({ bytesPerSecond }) => bytesPerSecond / 1_000),
      target: { atMost: 20 },
    }),
    ...stageFigures(under, stage),
  ];
}

function stageFigures(under: string, uses: PageUse[]): Figure[] {
  const between = (share: number) => uses.map(({ frameMs }) => percentile(frameMs, share));
  const longTasks = uses.map((use) => use.longTasks).join(', ');
  const percentiles = [0.5, 0.95].map((share) => `p${100 * share} ${median(between(share)).toFixed(1)} ms`);
  return [
    figureOf({
      what: `${under}: frames of the stage, painted without a graphics card`,
      unit: '/s',
      ours: uses.map(({ frameMs }) => (1_000 * frameMs.length) / frameMs.reduce((sum, ms) => sum + ms, 0)),
      target: { atLeast: 30 },
      note: `main thread ${percent(uses, 'main')} of a core, of it ${spentOn(uses)}`,
    }),
    figureOf({
      what: `${under}: from frame to frame of the stage, p99`,
      unit: 'ms',
      ours: between(0.99),
      note: `${percentiles.join(', ')}; tasks of more than 50 ms: ${longTasks}`,
    }),
  ];
}

function loadFigures(loads: PageLoad[]): Figure[] {
  return [
    figureOf({
      what: 'first visit of a phone on slow 4G, from the address to a button that takes taps',
      unit: 'ms',
      ours: loads.map(({ usableMs }) => usableMs),
      target: { atMost: 1_500 },
      note: `${median(loads.map(({ scripts }) => scripts))} scripts`,
    }),
    figureOf({
      what: 'JavaScript of the phone’s page until then, gzip',
      unit: 'kB',
      ours: loads.map(({ gzipBytes }) => gzipBytes / 1_024),
      target: { atMost: 60 },
    }),
  ];
}

function spentOn(uses: PageUse[]): string {
  return `scripts ${percent(uses, 'script')}, style and layout ${percent(uses, 'layout')}`;
}

function percent(uses: PageUse[], of: 'main' | 'script' | 'layout'): string {
  return `${median(uses.map((use) => 100 * use[of])).toFixed(1)} %`;
}
