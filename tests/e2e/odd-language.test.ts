/** What a browser says of its surroundings may be nonsense, and what a page asks for may not come: neither takes the page. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { Presenter } from './support/presenter.ts';
import { SCREENS, Venue } from './support/venue.ts';

const SKU = 'late-show';
const CHUNKS = join(ROOT, '.svelte-kit', 'cloudflare', '_app', 'immutable', 'chunks');

let venue: Venue;
let presenter: Presenter;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Late show', capacity: 20, unitPrice: 90 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  await presenter.switchTo('eventual');
  await presenter.rush(50);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

/** The chart of a page has been drawn: some pixel of it is not empty. */
async function drawn(page: Page): Promise<void> {
  const canvas = page.locator('figure.chart canvas').first();
  const isPainted = () =>
    canvas.evaluate((element: HTMLCanvasElement) => {
      const { width, height } = element;
      const pixels = element.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
      return pixels.some((value) => value > 0);
    });
  await expect.poll(isPainted).toBe(true);
}

it.each(['C', 'en-US@posix', ''])(
  'draws stage, card and verify page in a browser whose language is "%s"',
  async (language) => {
    const context = await venue.device({
      viewport: SCREENS.control,
      storageState: await presenter.context.storageState(),
    });
    await context.addInitScript((tag) => {
      Object.defineProperty(Navigator.prototype, 'language', { get: () => tag });
      Object.defineProperty(Navigator.prototype, 'languages', { get: () => [tag] });
    }, language);
    const page = await venue.page(context, `in "${language}"`);
    await page.goto(`/stage/${presenter.code}`);
    await page.getByText('● live').waitFor();
    await drawn(page);
    await page.goto(`/show/${presenter.code}`);
    await drawn(page);
    const log = await page.evaluate(async (sku) => {
      const answer = await fetch(`/api/demo/log?skuId=${sku}`, {
        headers: { 'x-session-role': 'presenter' },
      });
      return answer.text();
    }, SKU);
    await page.goto('/verify');
    const file = { name: 'show.ndjson', mimeType: 'application/x-ndjson', buffer: Buffer.from(log) };
    await page.locator('input[type="file"]').first().setInputFiles(file);
    await page.getByRole('heading', { name: 'The log holds.' }).waitFor();
    await drawn(page);
    await page.goto('/');
    await page.getByRole('heading', { name: 'Join a show' }).waitFor();
    await context.close();
  },
);

it('shows every figure of the stage while the chart cannot be loaded, and the chart once it can', async () => {
  const [part, ...others] = readdirSync(CHUNKS).filter((name) =>
    readFileSync(join(CHUNKS, name), 'utf8').includes('u-wrap'),
  );
  expect(others).toEqual([]);
  venue.expects(/Failed to load resource: net::ERR_FAILED/);
  venue.expects(/ERR_FAILED|Failed to fetch dynamically imported module/);
  const page = await venue.window(presenter.control, 'stage without a chart');
  await page.setViewportSize(SCREENS.stage);
  await page.route(`**/${part}`, (route) => route.abort());
  await page.goto(`/stage/${presenter.code}`);
  await page.getByText('● live').waitFor();
  await page.getByText('The chart could not be loaded. No figure is missing.').waitFor();
  await page.locator('[data-figure="acknowledged"]').getByText('50', { exact: true }).waitFor();
  expect(await page.getByText('another show').count()).toBe(0);
  await page.unroute(`**/${part}`);
  await page.getByRole('button', { name: 'Try again' }).click();
  await drawn(page);
  expect(await page.getByText('could not be loaded').count()).toBe(0);
  await page.close();
});
