/** The control in one hand: a phone of another browser reaches the stage, says the truth about it, and survives sleep. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { turnsGuardrail } from './support/keyboard.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const PRODUCTS = [
  { name: 'Front row', capacity: 10, unitPrice: 5 },
  { name: 'Back row', capacity: 20, unitPrice: 3 },
];
const SKU = 'front-row';

let venue: Venue;
let presenter: Presenter;
let remote: Page;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  presenter = await Presenter.opens(venue, inject('host').debugToken, PRODUCTS);
  const storageState = await presenter.context.storageState();
  const hand = await venue.device({ viewport: SCREENS.phone, hasTouch: true, isMobile: true, storageState });
  remote = await venue.page(hand, 'remote');
  await remote.goto(`/control/${presenter.code}`);
  await remote.getByText('The stage says:').waitFor();
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

const blank = () => presenter.stage.getByRole('button', { name: /^Screen is blank/ });
const join = () => presenter.stage.getByRole('region', { name: 'Join' });

it('blanks the stage of another browser, and lights it again, by button and by key', async () => {
  await remote.getByRole('button', { name: 'Blank it' }).tap();
  await blank().waitFor();
  await remote.getByText('screen blank').waitFor();
  await remote.getByRole('button', { name: 'Light it again' }).tap();
  await blank().waitFor({ state: 'detached' });
  // A key does the opposite of what its screen shows.
  await remote.getByText('The stage says: code small.').waitFor();
  await remote.keyboard.press('b');
  await blank().waitFor();
  await presenter.stage.keyboard.press('b');
  await blank().waitFor({ state: 'detached' });
  await remote.getByText('The stage says: code small.').waitFor();
});

it('hides the code on stage and makes it as large as the stage', async () => {
  await presenter.stage.keyboard.press('PageDown');
  await remote.getByRole('button', { name: 'Hide', exact: true }).tap();
  await presenter.stage.getByText('The code is hidden for now.').waitFor();
  await remote.getByText('The stage says: code hidden.').waitFor();
  await remote.keyboard.press('q');
  await expect.poll(() => join().locator('.code').first().isVisible()).toBe(true);
  await remote.getByText('The stage says: code large.').waitFor();
  await shoot(remote, 'control-stage-answers', true);
  await remote.keyboard.press('Escape');
  await remote.getByText('The stage says: code small.').waitFor();
  await remote.keyboard.press('PageUp');
  await presenter.stage.getByText('1 of 6').waitFor();
});

it('switches the product on both screens, whichever picks it', async () => {
  await remote.getByRole('button', { name: 'Back row' }).tap();
  await presenter.stage.getByRole('heading', { name: 'Back row' }).waitFor();
  // A screen that is still on its way to a product cannot be seen to leave it.
  for (const page of [remote, presenter.control]) {
    await page.getByRole('heading', { name: 'Lane of Back row' }).waitFor();
  }
  await remote.getByText('The stage says:').waitFor();
  await presenter.stage.keyboard.press('1');
  await remote.getByRole('heading', { name: 'Lane of Front row' }).waitFor();
  await presenter.stage.getByRole('heading', { name: 'Front row' }).waitFor();
});

it('says that no stage answers when there is none, and claims nothing of it', async () => {
  await presenter.stage.goto('about:blank');
  await remote.keyboard.press('b');
  await remote.getByText('No stage answers.').waitFor();
  await remote.getByRole('button', { name: 'Blank it' }).waitFor();
  await presenter.stage.goto(`/stage/${presenter.code}`);
  await remote.getByText('The stage says: code small.').waitFor();
});

it('prompts for a guardrail that has not tripped, and trips it by hand after a question', async () => {
  await presenter.turnsTo(4);
  await remote.getByText('guardrail: not tripped yet').waitFor();
  await remote.getByText('Trip it by hand: key T, twice.').waitFor();
  await shoot(remote, 'control-guardrail-prompt');
  await remote.keyboard.press('t');
  const question = remote.getByRole('dialog', { name: 'Trip the guardrail by hand?' });
  await question.waitFor();
  await shoot(remote, 'control-guardrail-question');
  // An open question has all keys: the page stays.
  await remote.keyboard.press('PageDown');
  expect((await readState(presenter, SKU)).step).toBe(4);
  await question.getByRole('button', { name: 'Cancel' }).tap();
  expect((await readState(presenter, SKU)).guardrail.tripped).toBe(false);
  await remote.getByRole('button', { name: 'Trip…' }).tap();
  await question.getByRole('button', { name: 'Trip it' }).tap();
  await remote.getByText('guardrail: tripped by hand').waitFor();
  await presenter.stage.locator('.banner').getByText('by the presenter’s hand.').waitFor();
  await turnsGuardrail(presenter.stage, 'clears');
  await remote.getByText('guardrail: not tripped yet').waitFor();
});

it('offers to set the lane of the step again when somebody switched it', async () => {
  await remote.getByRole('button', { name: 'Safe', exact: true }).tap();
  await remote.getByText('This step is told on the eventual lane.').waitFor();
  await remote.getByRole('button', { name: 'Set it' }).tap();
  await expect.poll(async () => (await readState(presenter, SKU)).mode).toBe('eventual');
  await remote.getByText('This step is told on the eventual lane.').waitFor({ state: 'detached' });
});

it('keeps keys out of its fields', async () => {
  const field = remote.getByRole('textbox').first();
  await field.focus();
  await remote.keyboard.press('PageUp');
  await remote.keyboard.press('r');
  expect(await remote.getByRole('dialog').count()).toBe(0);
  expect((await readState(presenter, SKU)).step).toBe(4);
  await field.blur();
});

it('lists its keys here and on the stage', async () => {
  await remote.keyboard.press('?');
  await remote
    .getByRole('dialog', { name: 'Keys' })
    .getByText('pressed twice: trip or clear the guardrail')
    .waitFor();
  await shoot(remote, 'control-keys');
  await remote.getByRole('dialog', { name: 'Keys' }).getByRole('button', { name: 'Close' }).tap();
  await presenter.stage.keyboard.press('?');
  await presenter.stage.getByText('pressed twice: trip or clear the guardrail').waitFor();
  await shoot(presenter.stage, 'stage-keys');
  await presenter.stage.keyboard.press('Escape');
});

it.each(['phone', 'smallPhone', 'control'] as const)(
  'has only targets of a thumb, and the bar within its reach, on a %s',
  async (screen) => {
    await remote.setViewportSize(SCREENS[screen]);
    await expectNoSidewaysScroll(remote);
    const controls = await remote.locator('.control').locator('button, a.button').all();
    const low = await Promise.all(controls.map(heightOf));
    expect(low.filter(({ height }) => height > 0 && height < 48)).toEqual([]);
    if (screen === 'control') return;
    const bar = remote.getByRole('navigation', { name: 'Script' });
    const box = await bar.boundingBox();
    expect(Math.round(box!.y + box!.height)).toBe(SCREENS[screen].height);
    await remote.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    expect(await bar.boundingBox()).toEqual(box);
    await shoot(remote, `control-end-${screen}`);
    await remote.evaluate(() => window.scrollTo(0, 0));
    await shoot(remote, `control-whole-${screen}`, true);
  },
);

it('comes back by itself after the phone was away, with the step that was reached meanwhile', async () => {
  await remote.setViewportSize(SCREENS.phone);
  venue.expects(/remote: .*ERR_INTERNET_DISCONNECTED/);
  await remote.context().setOffline(true);
  await remote.getByText('no network').first().waitFor();
  await remote.keyboard.press('PageDown');
  await remote.getByText('Not connected: nothing was changed.').waitFor();
  await presenter.stage.keyboard.press('PageDown');
  await presenter.stage.getByText('5 of 6').waitFor();
  await remote.context().setOffline(false);
  await remote.getByRole('heading', { name: /^5 of 6/ }).waitFor();
  await remote.getByText('The stage says: code small.').waitFor();
  await remote.keyboard.press('PageUp');
  await presenter.stage.getByText('4 of 6').waitFor();
});

it('extends the show from the hand', async () => {
  const before = (await readState(presenter, SKU)).closesAt;
  await remote.getByRole('button', { name: /^Renew/ }).tap();
  await expect.poll(async () => (await readState(presenter, SKU)).closesAt).toBeGreaterThan(before);
});

it('shows no secret on the stage, in its address or in the notes', async () => {
  const { debugToken } = inject('host');
  const cookies = await presenter.context.cookies();
  // What scripts may read is none, such as the language of the stage.
  const secrets = [debugToken, ...cookies.filter(({ httpOnly }) => httpOnly).map(({ value }) => value)];
  expect(secrets.length).toBeGreaterThan(1);
  const notes = await venue.page(remote.context(), 'notes');
  await notes.goto(`/control/${presenter.code}/notes`);
  await notes.getByRole('heading', { name: /of 6/ }).waitFor();
  for (const page of [presenter.stage, notes]) {
    const shown = page.url() + (await page.content());
    for (const secret of secrets) expect(shown.includes(secret)).toBe(false);
  }
  await notes.close();
});

async function heightOf(control: Locator): Promise<{ name: string; height: number }> {
  const box = await control.boundingBox();
  return { name: (await control.innerText()).trim(), height: Math.ceil(box?.height ?? 0) };
}
