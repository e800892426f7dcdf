/** The pre-flight page in a real browser: everything measured for real, each finding green or with a fix. */
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { findBrowser } from '../../scripts/lib/browser.mjs';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { SCREENS, Venue, WITHIN_MS } from './support/venue.ts';

const PRODUCT = { name: 'Seat', capacity: 20, unitPrice: 10 };

let venue: Venue;
let presenter: Presenter;
let page: Page;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  presenter = await Presenter.opens(venue, inject('host').debugToken, [PRODUCT]);
  page = presenter.control;
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

const verdict = (id: string) => page.locator(`[data-row="${id}"]`).getAttribute('data-verdict');
const words = async (id: string) =>
  (await page.locator(`[data-row="${id}"]`).innerText()).replace(/\s+/g, ' ');
const isDone = () => page.getByRole('button', { name: 'Check again' }).waitFor();

it('is one click from control, and measures everything that a show stands on', async () => {
  await page.getByRole('link', { name: 'Pre-flight check' }).click();
  await page.waitForURL('**/preflight');
  await isDone();
  for (const id of ['server', 'database', 'sessions', 'room', 'analytics', 'socket', 'latency', 'clock']) {
    await expect.poll(() => verdict(id)).toBe('good');
  }
  expect(await verdict('gate'), 'what is not configured is not good').toBe('off');
  expect(await words('latency')).toMatch(/p50 [\d.]+ ms, p95 [\d.]+ ms of 20 pings/);
  expect(await words('clock')).toMatch(/[\d.]+ s (ahead of|behind) the room, give or take \d+ ms/);
  expect(await words('database')).toMatch(/read in \d+ ms, wrote in \d+ ms/);
  expect([await verdict('address'), await verdict('size'), await verdict('time')]).toEqual([
    'good',
    'good',
    'good',
  ]);
  // Plain http: no browser keeps the screen on there, and the page says so.
  expect([await verdict('awake'), await words('awake')]).toEqual([
    'look',
    expect.stringContaining('plain http'),
  ]);
  await page.getByText(/Ready, with \d things to look at/).waitFor();
  await shoot(page, 'control-preflight', true);
});

it('counts phones as they join', async () => {
  expect([await verdict('phones'), await words('phones')]).toEqual([
    'look',
    expect.stringContaining('none yet'),
  ]);
  const phone = new Phone(await venue.page(await venue.phone(), 'phone'));
  await phone.joinsByLink(presenter.code);
  await expect.poll(() => verdict('phones')).toBe('good');
  expect(await words('phones')).toContain('1 in the room now');
  await phone.page.context().close();
});

it('asks the presenter what no machine can see, and takes the answer', async () => {
  expect(await verdict('projector')).toBe('look');
  await page.getByRole('button', { name: 'Not all of it' }).click();
  await expect.poll(() => verdict('projector')).toBe('bad');
  await page.getByText('1 thing to fix before the show').waitFor();
  await page.getByRole('button', { name: 'I can read all of it' }).click();
  await expect.poll(() => verdict('projector')).toBe('good');
  const contrast = /stands ([\d.]+) : 1/.exec(
    await page.locator('section[aria-labelledby="picture-title"]').innerText(),
  );
  expect(Number(contrast?.[1])).toBeGreaterThanOrEqual(4.5);
});

it('says what is broken and how to mend it, and is green again when it is', async () => {
  venue.expects(/control: .*(ERR_FAILED|ERR_CONNECTION)/);
  await page.route('**/api/demo/preflight**', (route) => route.abort());
  let isCut = true;
  await page.routeWebSocket(/\/parties\/room\/.*/, (socket) => {
    if (isCut) void socket.close({ code: 4401, reason: 'expired' });
    else socket.connectToServer();
  });
  // The page's own socket came before: a fresh page has none but those.
  await page.reload();
  await isDone();
  await page.getByRole('button', { name: 'Check again' }).click();
  await isDone();
  for (const id of ['database', 'sessions', 'room', 'socket', 'latency', 'clock']) {
    expect([id, await verdict(id)]).toEqual([id, 'bad']);
  }
  expect(await words('socket')).toMatch(/expired.*another network/);
  await shoot(page, 'control-preflight-broken', true);
  expect(await words('phones')).toContain('not known');
  await page.unrouteAll();
  isCut = false;
  await page.reload();
  await isDone();
  await expect.poll(() => verdict('socket')).toBe('good');
  await expect.poll(() => verdict('database')).toBe('good');
});

it('fits a phone', async () => {
  for (const [name, size] of [
    ['phone', SCREENS.phone],
    ['small-phone', SCREENS.smallPhone],
  ] as const) {
    await page.setViewportSize(size);
    await expectNoSidewaysScroll(page);
    await expect.poll(() => verdict('size')).toBe('look');
    await shoot(page, `${name}-preflight`, true);
  }
  await page.setViewportSize(SCREENS.control);
});

it('warns that phones cannot reach an address of this machine alone', async () => {
  const { url, debugToken } = inject('host');
  const executablePath = await findBrowser();
  if (executablePath === undefined) throw new Error('There is no browser; npm test installs one.');
  // Without the venue's names: here the server is asked by the address of this machine.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const extraHTTPHeaders = { 'cf-connecting-ip': '203.0.113.61' };
    const own = await browser.newPage({ baseURL: url, viewport: SCREENS.control, extraHTTPHeaders });
    own.setDefaultTimeout(WITHIN_MS);
    await own.goto(`/#signin=${debugToken}`);
    await own.getByRole('button', { name: 'Open the show' }).click();
    await own.waitForURL('**/control/*');
    await own.goto(`${own.url()}/preflight`);
    const row = own.locator('[data-row="address"]');
    await row.getByText('start with --host').waitFor();
    expect(await row.getAttribute('data-verdict')).toBe('bad');
    await own.getByText('Works on this computer only').waitFor();
  } finally {
    await browser.close();
  }
});

it('is nobody’s but the presenter’s', async () => {
  venue.expects(/stranger: .*401/);
  const stranger = await venue.page(await venue.phone(), 'stranger');
  await stranger.goto(`/control/${presenter.code}/preflight`);
  await stranger.getByText('not signed in as the presenter').waitFor();
  await stranger.context().close();
});
