/** Parts of a page that are loaded on demand: one that fails is asked for again, one that is gone with its build is replaced. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Proxy } from '../faults/support/proxy.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { readState } from './support/truth.ts';
import { Venue } from './support/venue.ts';

const SKU = 'seat';
const BUILT = '**/_app/immutable/**';

let venue: Venue;
let network: Proxy;
let presenter: Presenter;

beforeAll(async () => {
  network = await Proxy.to(inject('host').port);
  venue = await Venue.open({ port: Number(new URL(network.url).port) });
  presenter = await Presenter.opens(venue, inject('host').debugToken, [
    { name: 'Seat', capacity: 5, unitPrice: 1 },
  ]);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(async () => {
  await venue.close();
  await network.close();
});

const whoAmI = (page: Page) => page.getByRole('button', { name: /What we keep about you/ });

it('says that the sheet behind the name did not load, and opens it when it is asked for again', async () => {
  const phone = new Phone(await venue.page(await venue.phone(), 'phone'));
  await phone.joinsByLink(presenter.code);
  const { page } = phone;
  venue.expects(/phone: .*(ERR_FAILED|ERR_INTERNET_DISCONNECTED)/);
  await page.route(BUILT, (route) => route.abort());
  await whoAmI(page).tap();
  await page.getByText('What we keep about you did not load here.').waitFor();
  const again = page.getByRole('button', { name: 'Try again' });
  await page.unroute(BUILT);
  await again.tap();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Leave the show/ })
    .waitFor();
});

it('loads the page again when the site was built anew meanwhile, and asks about the tap that had no answer', async () => {
  const phone = new Phone(await venue.page(await venue.phone(), 'old build'));
  await phone.joinsByLink(presenter.code);
  const { page } = phone;
  const label = await phone.label();
  venue.expects(/old build: .*404/);
  // Files of the old build are gone, and the site says that there is another one.
  await page.route(BUILT, (route) => route.fulfill({ status: 404, body: '' }));
  await page.route('**/_app/version.json', (route) => route.fulfill({ json: { version: 'another' } }));
  network.stall();
  await phone.taps(1);
  const loadedAgain = page.waitForEvent('framenavigated');
  await whoAmI(page).tap();
  await expect
    .poll(() => page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.includes('outbox'))))
    .toHaveLength(1);
  await page.unroute(BUILT);
  network.heal();
  await loadedAgain;
  await phone.ready();
  expect(await phone.label()).toBe(label);
  await expect.poll(async () => (await phone.tally()).confirmed).toBe(1);
  expect((await readState(presenter, SKU)).lanes.safe?.acknowledged).toBe(1);
});
