/** The show without a mouse: Tab and Enter alone lead from the door to the last step, and it is seen all the way where one is. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { scriptStep } from '#lib/guide/script.ts';
import { focusOn, operable, tabTo, walk, walkBack } from './support/keyboard.ts';
import { shoot } from './support/shots.ts';
import { SCREENS, Venue } from './support/venue.ts';

/** Addresses of its own, one for each reset: they are counted by address. */
const [ADDRESS, OTHER_ADDRESS] = ['198.51.100.63', '198.51.100.64'];

let venue: Venue;
let control: Page;
let stage: Page;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const context = await venue.device({ viewport: SCREENS.control });
  await context.setExtraHTTPHeaders({ 'cf-connecting-ip': ADDRESS });
  control = await venue.page(context, 'control');
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

const onStep = (step: number) =>
  control.getByRole('heading', { name: `${step} of 6 · ${scriptStep(step).title}` }).waitFor();

/** Goes to a control by Tab, where a ring is seen around it, and presses Enter. */
async function presses(name: RegExp): Promise<void> {
  const stop = await tabTo(control, name);
  expect(stop, stop.name).toMatchObject({ hasRing: true, isInSight: true });
  await control.keyboard.press('Enter');
}

it('opens a show at the door', async () => {
  await control.goto(`/#signin=${inject('host').debugToken}`);
  await control.getByText('Signed in by link').waitFor();
  await presses(/^Open the show$/);
  await control.waitForURL('**/control/*');
  await onStep(1);
  stage = await venue.window(control, 'stage');
  await stage.setViewportSize(SCREENS.stage);
  await stage.goto(new URL(control.url()).pathname.replace('control', 'stage'));
  await stage.getByText('● live').waitFor();
});

it('turns page after page, and gives each GO, with Enter alone: the focus stays on the button', async () => {
  await presses(/^Next/);
  for (const step of [2, 3]) {
    await onStep(step);
    await expect.poll(async () => (await focusOn(control)).name).toBe('3, 2, 1, GO');
    await control.keyboard.press('Enter');
    await expect.poll(async () => (await focusOn(control)).name).toMatch(/^GO in/);
    await expect.poll(async () => (await focusOn(control)).name).toMatch(/^Next: /);
    if (step === 2) await control.keyboard.press('Enter');
  }
  await stage.locator('.chip.eventual').waitFor();
});

it('sends a crowd, and trips the guardrail after a question', async () => {
  await presses(/^Send 50 SIMULATED$/);
  await control.getByText(/of 50\s+got theirs/).waitFor();
  await presses(/^Next/);
  await onStep(4);
  await presses(/^Trip…$/);
  await control.getByRole('dialog', { name: 'Trip the guardrail by hand?' }).waitFor();
  await presses(/^Trip it$/);
  await control.getByText('guardrail: tripped by hand').waitFor();
  await presses(/^Next/);
  await onStep(5);
});

it('resets after a question, which has the focus while it is open and gives it back', async () => {
  await presses(/^Reset now…$/);
  const question = control.getByRole('dialog', { name: 'Reset the show?' });
  await question.waitFor();
  // Asked by a key, it is answered by one: the answer has the focus, and shows it.
  expect(await focusOn(control)).toMatchObject({ name: 'Reset', hasRing: true });
  // Round and round within the question: nothing beneath it can be reached.
  const within = async () =>
    question.evaluate(
      (dialog) => dialog.contains(document.activeElement) || document.activeElement === document.body,
    );
  for (let press = 0; press < 6; press += 1) {
    await control.keyboard.press('Tab');
    expect(await within()).toBe(true);
  }
  await control.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  expect((await focusOn(control)).name).toBe('Reset now…');
  // A question that was just closed is put away a moment later; until then it is not asked again.
  await expect
    .poll(async () => {
      if ((await question.count()) === 0) await control.keyboard.press('Enter');
      return question.count();
    })
    .toBe(1);
  await presses(/^Reset$/);
  await control.getByText('stock: reset, as it should be').waitFor();
  await expect.poll(async () => (await focusOn(control)).name).toBe('Reset now…');
});

it('comes to the last step, and the walk goes on from there', async () => {
  await presses(/^Next/);
  await onStep(6);
  await stage.getByRole('region', { name: 'What this show came to' }).waitFor();
  await control.getByRole('button', { name: 'Last step' }).waitFor();
  await shoot(control, 'keyboard-last-step');
  // The button went off under the focus: the next stop is the one behind it, not the top of the page.
  await control.keyboard.press('Tab');
  expect((await focusOn(control)).name).toBe('All keys');
});

describe.each(['control', 'phone', 'smallPhone'] as const)('on a screen of a %s', (screen) => {
  it('comes by everything that can be pressed, in the order of the page, and sees where it is', async () => {
    await control.setViewportSize(SCREENS[screen]);
    // What comes with the first look of the auditor is there before the walk begins.
    await control.getByText('What it looks at').waitFor();
    const forth = await walk(control);
    const unseen = forth.filter(({ hasRing, isInSight }) => !hasRing || !isInSight);
    expect(unseen).toEqual([]);
    expect(forth.map(({ place }) => place)).toEqual(
      forth.map(({ place }) => place).sort((one, other) => one - other),
    );
    expect(forth.length, 'stops').toBeGreaterThanOrEqual(await operable(control));
    const back = await walkBack(control, forth);
    expect(back.map(({ place }) => place).reverse()).toEqual(forth.map(({ place }) => place));
    expect(back.filter(({ isInSight }) => !isInSight)).toEqual([]);
  });
});

it('is asked on the stage by a key, and answered by another one', async () => {
  await stage.context().setExtraHTTPHeaders({ 'cf-connecting-ip': OTHER_ADDRESS });
  await stage.bringToFront();
  await stage.keyboard.press('r');
  const question = stage.getByRole('dialog', { name: 'Reset the show?' });
  await question.waitFor();
  expect(await focusOn(stage)).toMatchObject({ name: 'Reset', hasRing: true });
  await stage.keyboard.press('Enter');
  // A refused reset would leave it open, with the reason.
  await question.waitFor({ state: 'detached' });
});
