/** Everybody can use every screen: no page, in no state, breaks a rule of accessibility. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { expectAccessible } from './support/axe.ts';
import { clicksGo } from './support/clicker.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { mock } from './support/script-ways.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { resetFrom } from './support/take-home.ts';
import { readLogText } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const PRODUCT = { name: 'Balcony seat', capacity: 12, unitPrice: 45 };
const SKU = 'balcony-seat';
/** An address of its own: resets are counted by address. */
const ADDRESS = '198.51.100.62';
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
  await expect.poll(async () => (await phone.totals()).length).toBeGreaterThan(1);
  await expectAccessible(phone.page, 'phone, bought');
  await expectAccessible(stage, 'stage, oversold');
  await expectAccessible(control, 'control, oversold');
});

it('when the control is held in a hand, and beside it the notes', { timeout: LONG_MS }, async () => {
  const { control, code } = presenter;
  await control.setViewportSize(SCREENS.phone);
  await expectAccessible(control, 'control in a hand');
  await expectNoSidewaysScroll(control);
  for (const key of ['r', 't', '?']) {
    await control.keyboard.press(key);
    await control.locator('dialog[open]').waitFor();
    await expectAccessible(control, `control after ${key}`);
    await control.keyboard.press('Escape');
    await control.locator('dialog[open]').waitFor({ state: 'detached' });
  }
  await control.setViewportSize(SCREENS.control);
  const notes = await venue.window(control, 'notes');
  await notes.setViewportSize(SCREENS.control);
  await notes.goto(`/control/${code}/notes`);
  await notes.getByRole('heading', { name: /of 6/ }).waitFor();
  await expectAccessible(notes, 'notes');
  await notes.close();
});

it('while the pre-flight check looks, and when it has looked', { timeout: LONG_MS }, async () => {
  const page = await venue.window(presenter.control, 'pre-flight');
  await page.setViewportSize(SCREENS.control);
  await page.goto(`/control/${presenter.code}/preflight`);
  await page.locator('[data-row]').first().waitFor();
  await expectAccessible(page, 'pre-flight, looking');
  await page.getByRole('button', { name: 'Check again' }).waitFor();
  await expectAccessible(page, 'pre-flight');
  await page.setViewportSize(SCREENS.smallPhone);
  await expectAccessible(page, 'pre-flight on a small phone');
  await expectNoSidewaysScroll(page);
  await page.close();
});

it('while the room guesses, and when it hears what it said', { timeout: LONG_MS }, async () => {
  const { stage, control } = presenter;
  const panel = control.locator('section[aria-labelledby="guess-title"]');
  await stage.keyboard.press('g');
  await phone.page.getByRole('slider', { name: /^Your guess/ }).waitFor();
  await panel.getByText('0 answers so far').first().waitFor();
  await expectAccessible(stage, 'stage, a guess is open');
  await expectAccessible(control, 'control, a guess is open');
  await expectAccessible(phone.page, 'phone, a guess is open');
  const field = phone.page.getByRole('textbox', { name: 'Your guess as a number' });
  await field.fill('9999');
  await expectAccessible(phone.page, 'phone, a guess that cannot be');
  await field.fill('7');
  await field.press('Enter');
  await phone.page.getByText('You said 7').waitFor();
  await expectAccessible(phone.page, 'phone, a guess was said');
  await stage.keyboard.press('g');
  await stage.getByRole('region', { name: 'What the room guessed' }).waitFor();
  await expectAccessible(stage, 'stage, what the room said');
  await expectAccessible(control, 'control, what the room said');
  await expectAccessible(phone.page, 'phone, what the room said');
  await stage.keyboard.press('g');
  await phone.page.locator('.guess').waitFor({ state: 'detached' });
});

it('when a second device may sign in', { timeout: LONG_MS }, async () => {
  const { control } = presenter;
  await control.getByRole('button', { name: 'Show a sign-in code' }).click();
  await control.getByRole('img', { name: 'QR code that signs one more device in' }).waitFor();
  await expectAccessible(control, 'control, a sign-in code');
  await control.getByRole('button', { name: 'Take the code back' }).click();
  await control.getByRole('button', { name: 'Show a sign-in code' }).waitFor();
});

it('when a ticket’s story is told on its phone', { timeout: LONG_MS }, async () => {
  await presenter.switchTo('eventual');
  await phone.shows('eventual');
  const rows = phone.page.locator('li button.note', { hasText: 'overwritten by' });
  await resetFrom(ADDRESS, presenter, SKU);
  // One phone taps against a crowd until a ticket of its own is overwritten.
  await expect
    .poll(async () => {
      await Promise.all([phone.taps(3), presenter.rush(10)]);
      return rows.count();
    })
    .toBeGreaterThan(0);
  await rows.first().tap();
  await phone.page.locator('dialog[open] h2').waitFor();
  await expectAccessible(phone.page, 'phone, a ticket’s story');
  await phone.page.getByRole('button', { name: 'Back to the show' }).tap();
  await phone.page.locator('dialog[open]').waitFor({ state: 'detached' });
  await phone.page.getByRole('button', { name: /What we keep about you/ }).tap();
  await phone.page.getByRole('dialog').locator('dl').waitFor();
  await expectAccessible(phone.page, 'phone, what is kept');
  await phone.page.keyboard.press('Escape');
});

it('when a race is told in slow motion, on the stage and from the log', { timeout: LONG_MS }, async () => {
  const { stage } = presenter;
  await stage.keyboard.press('m');
  await stage.getByRole('dialog').getByText('vanished this way').waitFor();
  await expectAccessible(stage, 'stage, slow motion');
  await stage.keyboard.press('Escape');
  const device = await venue.device({ viewport: SCREENS.control });
  const desk = await venue.page(device, 'desk of proof');
  await desk.goto('/verify');
  await desk.waitForLoadState('networkidle');
  const buffer = Buffer.from(await readLogText(presenter, SKU));
  await desk
    .getByLabel('Choose a log file')
    .setInputFiles({ name: 'show.ndjson', mimeType: 'application/x-ndjson', buffer });
  await desk.getByRole('heading', { name: 'The log holds.' }).waitFor();
  await expectAccessible(desk, 'desk of proof, a log that holds');
  await desk
    .getByRole('button', { name: /^Slow motion of event/ })
    .first()
    .click();
  await desk.getByText('The same steps as a table').click();
  await expectAccessible(desk, 'desk of proof, slow motion');
  await device.close();
});

it('with something laid over the stage', { timeout: LONG_MS }, async () => {
  const { stage } = presenter;
  for (const key of ['?', 'q', 'a', 'm', 'r']) {
    await stage.keyboard.press(key);
    await expectAccessible(stage, `stage after ${key}`);
    await stage.keyboard.press('Escape');
  }
});

it('while a show’s summary and the guide read a running show', { timeout: LONG_MS }, async () => {
  const page = await venue.window(presenter.control, 'reader');
  for (const [path, ready] of [
    [`/show/${presenter.code}`, 'Still running.'],
    [`/guide?show=${presenter.code}`, 'which is still running'],
  ] as const) {
    for (const size of [SCREENS.control, SCREENS.smallPhone]) {
      await page.setViewportSize(size);
      await page.goto(path);
      await page.getByText(ready).waitFor();
      await expectAccessible(page, `${path} at ${size.width}`);
      await expectNoSidewaysScroll(page);
    }
  }
  await page.close();
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
  await visitor.getByText(/^Ended /).waitFor();
  await expectAccessible(visitor, 'summary, ended');
  await visitor.goto(`/guide?show=${code}`);
  await visitor.getByText('which has ended').waitFor();
  await expectAccessible(visitor, 'guide with a show that has ended');
});

it('in a rehearsal, on its door, stage, control, notes and phone', { timeout: LONG_MS }, async () => {
  const show = await mock(inject('host'));
  try {
    const { stage, remote, phones } = show;
    const [one, , small] = phones.map(({ page }) => page) as [Page, Page, Page];
    for (const page of [stage, remote, one, small]) await expectAccessible(page, `rehearsal, ${page.url()}`);
    for (const name of ['the safe lane, held', 'the race, held']) {
      await stage.keyboard.press('PageDown');
      for (const page of [stage, remote, one])
        await expectAccessible(page, `rehearsal, ${name}, ${page.url()}`);
      await clicksGo(stage);
    }
    await remote.getByRole('button', { name: 'Send 50 SIMULATED' }).tap();
    await Promise.all(phones.map((phone) => phone.taps(4)));
    await remote.getByText('got theirs').waitFor();
    for (const page of [stage, remote, one])
      await expectAccessible(page, `oversold rehearsal, ${page.url()}`);
    await remote.keyboard.press('r');
    await remote.getByRole('dialog').getByRole('button', { name: 'Reset', exact: true }).tap();
    await small.getByText('The presenter reset the stock.').waitFor();
    await expectAccessible(small, 'rehearsal, the smallest phone after a reset');
    await remote.setViewportSize(SCREENS.control);
    await expectAccessible(remote, 'rehearsal, control on a laptop');
    const notes = await show.beside('/notes', 'notes');
    await notes.getByRole('heading', { name: /of 6/ }).waitFor();
    await expectAccessible(notes, 'rehearsal, notes');
    const door = notes;
    await door.goto('/rehearsal');
    await door.getByRole('button', { name: 'Open the rehearsal' }).waitFor();
    await expectAccessible(door, 'rehearsal, door');
    await door.getByLabel('Seed').fill('-1');
    await door.getByRole('button', { name: 'Open the rehearsal' }).click();
    await door.getByText('Seed: a whole number').waitFor();
    await expectAccessible(door, 'rehearsal, door with a seed that cannot be');
    expect(show.complaints(), 'what pages of the rehearsal complained of').toEqual([]);
  } finally {
    await show.close();
  }
});
