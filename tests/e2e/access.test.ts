/** Everybody can use every screen: no page, in no state, breaks a rule of accessibility. */
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { expectAccessible } from './support/axe.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { SCREENS, Venue, WITHIN_MS } from './support/venue.ts';

const poll = { timeout: WITHIN_MS };
const PRODUCT = { name: 'Balcony seat', capacity: 12, unitPrice: 45 };
const LONG_MS = 180_000;

let venue: Venue;
let presenter: Presenter;
let phone: Phone;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  presenter = await Presenter.opens(venue, inject('host').debugToken, [PRODUCT]);
  phone = new Phone(await venue.page(await venue.phone(), 'phone'));
  await phone.joinsByLink(presenter.code);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('at the door, the guide and the desk of proof', { timeout: LONG_MS }, async () => {
  const page = await venue.page(await venue.phone({ viewport: SCREENS.smallPhone }), 'visitor');
  for (const path of ['/', '/guide', '/verify', '/nowhere']) {
    if (path === '/nowhere') venue.expects(/404/);
    await page.goto(path);
    await page.locator('h1').first().waitFor();
    await expectAccessible(page, path);
    await expectNoSidewaysScroll(page);
  }
});

it('before the first tap', { timeout: LONG_MS }, async () => {
  const { stage, control } = presenter;
  await expectAccessible(phone.page, 'phone, nothing bought');
  await expectAccessible(stage, 'stage, doors open');
  await expectAccessible(control, 'control, doors open');
});

it('while units are sold, lost and sold twice', { timeout: LONG_MS }, async () => {
  const { stage, control } = presenter;
  await presenter.switchTo('both');
  await phone.shows('both');
  await phone.taps(4);
  await presenter.rush(50);
  await expect.poll(async () => (await phone.totals()).length, poll).toBeGreaterThan(1);
  await expectAccessible(phone.page, 'phone, bought');
  await expectAccessible(stage, 'stage, oversold');
  await expectAccessible(control, 'control, oversold');
});

it('with something laid over the stage', { timeout: LONG_MS }, async () => {
  const { stage } = presenter;
  for (const key of ['?', 'q', 'a', 'm', 'r']) {
    await stage.keyboard.press(key);
    await expectAccessible(stage, `stage after ${key}`);
    await stage.keyboard.press('Escape');
  }
});

it('when the show is over', { timeout: LONG_MS }, async () => {
  const { stage, control, code } = presenter;
  await control.getByRole('button', { name: /^End the show/ }).click();
  await control.getByRole('dialog').getByRole('button', { name: /^End/ }).click();
  await phone.page.getByText('This show is over').first().waitFor();
  await expectAccessible(phone.page, 'phone, ended');
  await expectAccessible(stage, 'stage, ended');
  await expectAccessible(control, 'control, ended');
  const visitor = await venue.page(await venue.phone(), 'visitor of the summary');
  await visitor.goto(`/show/${code}`);
  await visitor.locator('h1').first().waitFor();
  await expectAccessible(visitor, 'summary');
});
