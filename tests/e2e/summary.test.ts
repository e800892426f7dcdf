/** The summary, read by those who are in the show, and after its end by whoever has the code: on screens, on paper, as files. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { usd } from '#lib/components/format.ts';
import { simulatedOf } from '#lib/summary/overall.ts';
import { readShowSummary } from '#lib/summary/show-summary.ts';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { fileFrom, keep, pagesOf, resetFrom } from './support/take-home.ts';
import { figuresOf, readState } from './support/truth.ts';
import type { Figures } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const SKU = 'late-show';
const CAPACITY = 20;
/** What is left of a page of paper between its margins, at the 96 pixels to the inch of a browser. */
const A4 = { width: 703, height: 1_032 };

let venue: Venue;
let presenter: Presenter;
let phone: Phone;
let page: Page;
/** The eventual lane's last figures. */
let last: Figures;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  presenter = await Presenter.opens(venue, inject('host').debugToken, [
    { name: 'Late show', capacity: CAPACITY, unitPrice: 90 },
    { name: '=Poster, "signed"', capacity: 5, unitPrice: 0 },
  ]);
  phone = new Phone(await venue.page(await venue.phone(), 'phone'));
  await phone.joinsByLink(presenter.code);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('is empty before anything was sold, and says so', async () => {
  page = await venue.window(presenter.control, 'summary');
  await page.setViewportSize(SCREENS.control);
  await page.goto(`/show/${presenter.code.toLowerCase()}`);
  await page.getByText('Still running.').waitFor();
  await expect.poll(() => page.url()).toContain(`/show/${presenter.code}`);
  expect(await figure(page, 'eventual')).toEqual(['0', 'Nothing was sold on it.']);
  expect((await figure(page, 'real'))[0]).toBe('$0.00');
  await shoot(page, 'summary-empty', true);
});

it('has the figures of the room while the show runs, epoch by epoch', { timeout: 180_000 }, async () => {
  await presenter.switchTo('eventual');
  await phone.shows('eventual');
  await Promise.all([presenter.rush(50), phone.taps(6)]);
  await settled();
  await resetFrom('198.51.100.78', presenter, SKU);
  await presenter.switchTo('safe');
  await presenter.rush(50);
  await presenter.switchTo('eventual');
  await phone.shows('eventual');
  await Promise.all([presenter.rush(50), phone.taps(6)]);
  last = await settled();
  await page.getByRole('button', { name: 'Read it again' }).click();
  await expect.poll(() => cell(page, 2, 'eventual', 'acknowledged')).toBe(last.acknowledged);
  expect({
    acknowledged: await cell(page, 2, 'eventual', 'acknowledged'),
    stored: await cell(page, 2, 'eventual', 'stored'),
    lost: await cell(page, 2, 'eventual', 'lost'),
    oversold: await cell(page, 2, 'eventual', 'oversold'),
  }).toEqual(last);
  expect(await cell(page, 2, 'safe', 'acknowledged')).toBe(CAPACITY);
  const owed = (lane: string) =>
    page.locator(`tr[data-epoch="2"][data-lane="${lane}"] td[data-column="exposure"]`).first().innerText();
  expect([await owed('safe'), await owed('eventual')]).toEqual(['$0.00', usd(last.oversold * 90)]);
  const { simUnits, units } = await simulated();
  expect(simUnits, 'simulated shoppers bought').toBeGreaterThan(0);
  const sold = `SIMULATED shoppers got ${simUnits} of the ${units} units sold.`;
  expect(await page.getByText(sold).count(), 'over the card, and at the orders').toBe(2);
  await page
    .getByText(/^SIMULATED shoppers got \d+ of the \d+ units? sold\.$/)
    .nth(2)
    .waitFor();
  expect(await figure(page, 'safe')).toEqual(['0', expect.stringContaining(`${CAPACITY} sold of`)]);
  const line = page.getByRole('region', { name: 'All products' }).getByRole('row', { name: /^Late show/ });
  expect((await line.innerText()).split(/\s+/)).toContain((await figure(page, 'eventual'))[0]);
  await shoot(page, 'summary-live', true);
});

it('tells who is not in a running show to join it, and who mistypes a code what a code is', async () => {
  venue.expects(/stranger: .*status of 40[14]/);
  const stranger = await venue.page(await venue.phone(), 'stranger');
  await stranger.goto(`/show/${presenter.code}`);
  await stranger.getByRole('heading', { name: 'This show is still running' }).waitFor();
  expect(await stranger.getByRole('link', { name: 'Join the show' }).getAttribute('href')).toBe(
    `/j/${presenter.code}`,
  );
  await shoot(stranger, 'summary-stranger');
  const wider = await stranger.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wider, 'nothing sticks out of a phone').toBe(0);
  await stranger.goto('/show/ZZZZZZ');
  await stranger.getByRole('heading', { name: 'There is no such show' }).waitFor();
  await stranger.goto('/show/hello');
  await stranger.getByRole('heading', { name: '“hello” is not a code' }).waitFor();
  await stranger.context().close();
});

it('leads from every figure to the check that proves it', async () => {
  const links = await room(page)
    .getByRole('link', { name: /^Check it/ })
    .all();
  expect(links.length).toBeGreaterThan(6);
  const targets = await Promise.all(links.map((link) => link.getAttribute('href')));
  await page.goto(targets.find((target) => target?.endsWith('safeCapacity')) ?? '');
  await page.getByRole('heading', { name: 'The log holds.' }).waitFor();
  for (const target of targets) {
    const anchor = target?.split('#')[1] ?? '';
    expect(await page.locator(`li[id="${anchor}"]`).count(), target ?? '').toBe(1);
  }
  const marked = page.locator('li.marked');
  await expect.poll(() => marked.innerText()).toContain('Safe lane never above capacity');
  expect(await marked.evaluate((line) => document.activeElement === line)).toBe(true);
  expect(await marked.evaluate((line) => line.getBoundingClientRect().top < innerHeight)).toBe(true);
  await shoot(page, 'summary-check');
  await page.goto(`/show/${presenter.code}`);
});

it('is taken home: JSON, every moment as CSV, pictures', { timeout: 90_000 }, async () => {
  await page.getByText('Still running.').waitFor();
  const json = await fileFrom(page, page.getByRole('button', { name: 'All of it, JSON' }));
  const summary = readShowSummary(JSON.parse(json.bytes.toString()));
  expect(summary?.rooms[0]?.epochs[1]?.lanes.eventual?.acknowledged).toBe(last.acknowledged);

  const csv = await fileFrom(page, room(page).getByRole('button', { name: 'Every moment, CSV' }));
  const text = csv.bytes.toString();
  expect(text[0], 'a byte order mark, for spreadsheets').toBe('\ufeff');
  const [header = '', ...moments] = text.slice(1).trimEnd().split('\r\n');
  expect(header.split(',')[0]).toBe('show');
  const eventual = moments.filter((row) => row.includes(',2,eventual,allocated,')).at(-1) ?? '';
  const at = (column: string) => eventual.split(',')[header.split(',').indexOf(column)];
  expect([at('acknowledged'), at('stored'), at('lost'), at('oversold')].map(Number)).toEqual([
    last.acknowledged,
    last.stored,
    last.lost,
    last.oversold,
  ]);
  const other = await fileFrom(page, room(page, 1).getByRole('button', { name: 'Every moment, CSV' }));
  expect(other.bytes.toString()).toContain(`,"'=Poster, ""signed""",`);

  await page.goto(`/show/${presenter.code}?separator=;`);
  const german = await fileFrom(page, room(page).getByRole('button', { name: 'Every moment, CSV' }));
  expect(german.bytes.toString().split('\r\n')[0]).toBe(`\ufeff${header.replaceAll(',', ';')}`);
  expect(german.bytes.toString()).toContain(`;2;eventual;allocated;`);

  const written = await textsPainted(page);
  for (const name of ['Card, PNG', 'Chart, PNG']) {
    await written.clear();
    const { bytes } = await fileFrom(page, room(page).getByRole('button', { name }));
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.readUInt32BE(16), `${name}: twice the pixels`).toBe(2_400);
    keep(bytes, `summary-${name.slice(0, 5).toLowerCase().replace(',', '')}.png`);
    expect(await written.all(), name).toContainEqual(
      expect.stringMatching(/^SIMULATED shoppers got [\d,]+ of the [\d,]+ units sold\.$/),
    );
  }
});

it('shows any race of the show in slow motion, from its log', async () => {
  await room(page).getByRole('button', { name: 'Watch the races' }).click();
  await room(page).getByRole('button', { name: 'Play' }).first().waitFor();
  await shoot(page, 'summary-slow-motion', true);
});

it('is read after the end by whoever has the code, on the smallest phone and on paper', async () => {
  // The presenter's own screens ask once more while the show ends, and are told.
  venue.expects(/(control|stage): .*status of 410/);
  await presenter.control.getByRole('button', { name: 'End the show…' }).click();
  await presenter.control
    .getByRole('dialog', { name: 'End the show?' })
    .getByRole('button', { name: 'End it for everybody' })
    .click();
  await presenter.control.waitForURL(`**/show/${presenter.code}`);
  await presenter.control.getByText(/^Ended /).waitFor();
  await phone.page.getByRole('heading', { name: 'This show is over' }).waitFor();
  await phone.page.getByRole('link', { name: 'What the show came to' }).tap();
  await phone.page.getByText(/^Ended /).waitFor();
  await shoot(phone.page, 'summary-phone', true);

  const small = await venue.page(await venue.phone({ viewport: SCREENS.smallPhone }), 'small phone');
  await small.goto(`/show/${presenter.code}`);
  await small.getByText(/^Ended /).waitFor();
  expect(await cell(small, 2, 'eventual', 'acknowledged')).toBe(last.acknowledged);
  const wider = await small.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wider, 'nothing sticks out of a small phone').toBe(0);
  await shoot(small, 'summary-small-phone', true);
  await small
    .getByRole('link', { name: /^Check it.*Real spend/ })
    .first()
    .tap();
  await small.getByRole('heading', { name: 'The log holds.' }).waitFor();

  const paper = await venue.page(await venue.device({ viewport: SCREENS.control }), 'paper');
  await paper.goto(`/show/${presenter.code}`);
  await paper.getByText(/^Ended /).waitFor();
  await shoot(paper, 'summary-ended', true);
  await paper.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await paper.setViewportSize(A4);
  await paper.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await paper.screenshot({ path: join(ROOT, 'artifacts', 'e2e', 'summary-paper.png'), fullPage: true });
  const pdf = await paper.pdf({ preferCSSPageSize: true });
  keep(pdf, 'summary.pdf');
  expect(pagesOf(pdf)).toBeLessThanOrEqual(2);
});

it('says so when it is gone', async () => {
  venue.expects(/late: .*status of 410/);
  const late = await venue.page(await venue.phone(), 'late');
  await late.route('**/api/demo/summary*', (route) =>
    route.fulfill({
      status: 410,
      json: { success: false, error: { code: 'SHOW_ENDED', message: 'Gone.' }, meta: {} },
    }),
  );
  await late.goto(`/show/${presenter.code}`);
  await late.getByRole('heading', { name: 'This show is gone' }).waitFor();
  await shoot(late, 'summary-gone');
});

/** Hears what a page writes on canvases from now on. */
async function textsPainted(on: Page) {
  await on.evaluate(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    const paint = Reflect.get(CanvasRenderingContext2D.prototype, 'fillText') as (...args: unknown[]) => void;
    CanvasRenderingContext2D.prototype.fillText = function (...args: unknown[]) {
      heard.push(String(args[0]));
      paint.apply(this, args);
    };
  });
  const heard = () => Reflect.get(window, 'heard') as string[];
  return {
    all: () => on.evaluate(heard),
    clear: () => on.evaluate(() => void (Reflect.get(window, 'heard') as string[]).splice(0)),
  };
}

/** Units that were sold in the first room, and those of them that went to simulated shoppers. */
async function simulated(): Promise<{ simUnits: number; units: number }> {
  const answer = await presenter.control.evaluate(async (show) => {
    const response = await fetch(`/api/demo/summary?show=${show}`, {
      headers: { 'x-session-role': 'presenter' },
    });
    return ((await response.json()) as { data: unknown }).data;
  }, presenter.code);
  return simulatedOf(readShowSummary(answer)?.rooms[0]?.epochs ?? []);
}

function room(on: Page, place = 0) {
  return on.locator('section.room').nth(place);
}

/** Value and note of a figure of the first room. */
async function figure(on: Page, key: string): Promise<string[]> {
  const at = room(on).locator(`[data-figure="${key}"]`);
  return [(await at.locator('.value').innerText()).trim(), (await at.locator('.note').innerText()).trim()];
}

/** A figure of the table of the first room's epochs. */
async function cell(on: Page, epoch: number, lane: string, column: string): Promise<number> {
  const at = room(on).locator(`tr[data-epoch="${epoch}"][data-lane="${lane}"] td[data-column="${column}"]`);
  if ((await at.count()) === 0) return -1;
  return Number((await at.innerText()).replaceAll(',', ''));
}

async function settled(): Promise<Figures> {
  await expect.poll(async () => (await readState(presenter, SKU)).lanes.eventual?.inFlight).toBe(0);
  return figuresOf(await readState(presenter, SKU), 'eventual');
}
