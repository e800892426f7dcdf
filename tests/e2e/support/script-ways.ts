/**
 * The two ways in which the same script is played: live, every person with a browser of their own in front of a server; and
 * mock, all of them windows of one browser whose network is cut. A test of the script knows only what both can be asked.
 */
import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import type { LaneId } from '#lib/domain/lane.ts';
import { expectMarked, expectUnmarked } from './marked.ts';
import { Phone } from './phone.ts';
import { Presenter } from './presenter.ts';
import { expectOneTruth, stageFigures } from './truth.ts';
import type { Figures } from './truth.ts';
import { LOOPBACK, SCREENS, Venue, WITHIN_MS } from './venue.ts';

/** What is sold in both. */
export const PRODUCT = { name: 'Last row', capacity: 12, unitPrice: 150 };
export const SKU = 'last-row';
/** An address of its own: live, resets are counted by address. */
const ADDRESS = '198.51.100.61';
/** Three members of the audience, one of them with the smallest phone. */
const AUDIENCE = [SCREENS.phone, SCREENS.phone, SCREENS.smallPhone];

/** A show with everybody in it, on its first step. */
export interface ScriptedShow {
  /** Before the names of its pictures. */
  prefix: 'script' | 'script-mock';
  code: string;
  stage: Page;
  /** The control, on a phone. */
  remote: Page;
  phones: readonly Phone[];
  /** Null in a rehearsal: there is no server to ask for its state and its log. */
  presenter: Presenter | null;
  /** Opens another screen of the presenter; `path` begins after the code. */
  beside(path: string, who: string): Promise<Page>;
  /** Waits until nothing of a lane is under way; its figures, by everything that this way can be asked. */
  truth(lane: LaneId): Promise<Figures>;
  /** Says SIMULATED where it is, and only there. */
  expectHonest(...pages: Page[]): Promise<void>;
  /** What pages complained of. */
  complaints(): string[];
  close(): Promise<void>;
}

interface Host {
  port: number;
  debugToken: string;
}

/** Over the server: the stage in one browser, the control phone in a second one, each of the audience in their own. */
export async function live(host: Host): Promise<ScriptedShow> {
  const venue = await Venue.open(host);
  const presenter = await Presenter.opensHeld(venue, host.debugToken, [PRODUCT]);
  const { code, stage } = presenter;
  const storageState = await presenter.context.storageState();
  const hand = await venue.device({ viewport: SCREENS.phone, hasTouch: true, isMobile: true, storageState });
  await hand.setExtraHTTPHeaders({ 'cf-connecting-ip': ADDRESS });
  const remote = await venue.page(hand, 'remote');
  // The second reset within a minute is refused, and the browser says so to itself.
  venue.expects(/remote: .*429/);
  await remote.goto(`/control/${code}`);
  const pages = await Promise.all(
    AUDIENCE.map(async (viewport, place) =>
      venue.page(await venue.phone({ viewport }), `phone ${place + 1}`),
    ),
  );
  const phones = pages.map((page) => new Phone(page));
  await Promise.all(phones.map((phone) => phone.joinsByLink(code)));
  return {
    prefix: 'script',
    code,
    stage,
    remote,
    phones,
    presenter,
    beside: async (path, who) => {
      const page = await venue.window(presenter.control, who);
      await page.goto(`/control/${code}${path}`);
      return page;
    },
    truth: (lane) => expectOneTruth(presenter, SKU, lane),
    expectHonest: expectUnmarked,
    complaints: () => venue.complaints(),
    close: () => venue.close(),
  };
}

/**
 * Without a server: windows of one browser, which share a room. Nobody signs in, and no session can end. It is opened by a
 * loopback address, where pages are kept for a reload, and the network is cut once all of them stand.
 */
export async function mock(host: Host): Promise<ScriptedShow> {
  const venue = await Venue.open(host, LOOPBACK);
  const context = await venue.device({ viewport: SCREENS.phone, hasTouch: true });
  const remote = await venue.page(context, 'remote');
  await remote.goto('/rehearsal');
  await remote.getByLabel('What is sold').fill(PRODUCT.name);
  await remote.getByLabel('Units that exist').fill(String(PRODUCT.capacity));
  await remote.getByLabel('Price, USD').fill(String(PRODUCT.unitPrice));
  await remote.getByRole('button', { name: 'Open the rehearsal' }).tap();
  await remote.waitForURL('**/control/*?rehearsal*');
  const code = new URL(remote.url()).pathname.split('/').at(-1) ?? '';
  // Tabs of one window draw only while they are in front: each person has a window.
  const opens = async (path: string, who: string, viewport: { width: number; height: number }) => {
    const page = await venue.window(remote, who);
    await page.setViewportSize(viewport);
    await page.goto(`${path}?rehearsal`);
    return page;
  };
  const stage = await opens(`/stage/${code}`, 'stage', SCREENS.stage);
  const phones: Phone[] = [];
  for (const viewport of AUDIENCE) {
    phones.push(new Phone(await opens(`/j/${code}`, `phone ${phones.length + 1}`, viewport)));
  }
  await Promise.all(phones.map((phone) => phone.ready()));
  // The notes are opened with the network gone: their page is kept beforehand, by being looked at once.
  const notes = await opens(`/control/${code}/notes`, 'notes', SCREENS.control);
  await expectMarked(remote, stage, notes, ...phones.map(({ page }) => page));
  for (const page of [remote, notes]) {
    const kept = () => page.evaluate(async () => Boolean(await caches.match(location.pathname)));
    await vi.waitUntil(kept, { timeout: 2 * WITHIN_MS });
  }
  await notes.close();
  // Before that, screens of a presenter asked who is signed in, for the switch back to the live show: nobody is. From now on
  // whatever goes out fails, and nothing on any screen may need it.
  venue.expects(/(remote|stage|notes): .*401/);
  venue.expects(/ERR_INTERNET_DISCONNECTED/);
  await context.setOffline(true);
  return {
    prefix: 'script-mock',
    code,
    stage,
    remote,
    phones,
    presenter: null,
    beside: (path, who) => opens(`/control/${code}${path}`, who, SCREENS.control),
    truth: (lane) => truthOfRehearsal(stage, remote, phones, lane),
    expectHonest: expectMarked,
    complaints: () => venue.complaints(),
    close: () => venue.close(),
  };
}

/** The stage's figures, once nobody waits for an answer and the audit has recounted them from the rehearsal's own log. */
async function truthOfRehearsal(
  stage: Page,
  remote: Page,
  phones: readonly Phone[],
  lane: LaneId,
): Promise<Figures> {
  const waiting = async () => {
    const tallies = await Promise.all(phones.map((phone) => phone.tally()));
    return tallies.reduce((sum, tally) => sum + tally['on their way'], 0);
  };
  await expect.poll(waiting, { message: 'taps on their way' }).toBe(0);
  const recount = remote.getByRole('button', { name: 'Recount from the log' });
  await recount.tap();
  await remote.getByText(/^✓ All \d+ checks hold\.$/).waitFor();
  return stageFigures(stage, lane);
}
