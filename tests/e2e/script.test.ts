/**
 * The whole script, with nothing but a clicker and thumbs: a stage, a control on a phone of another browser, two phones of
 * the audience. One key turns the page and sets the stage; going back takes nothing with it.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import type { LaneId } from '#lib/domain/lane.ts';
import { expectationOf, STEPS } from '#lib/domain/script.ts';
import { SCRIPT } from '#lib/guide/script.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { expectOneTruth, readLog, readState, sumOf } from './support/truth.ts';
import { SCREENS, Venue, WITHIN_MS } from './support/venue.ts';

const CAPACITY = 12;
const SKU = 'last-row';
const poll = { timeout: WITHIN_MS };
/** An address of its own: resets are counted by address. */
const ADDRESS = '198.51.100.61';

let venue: Venue;
let presenter: Presenter;
/** The presenter's phone: another browser, with nothing in common with the stage but the room. */
let remote: Page;
let notes: Page;
let phones: Phone[];

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Last row', capacity: CAPACITY, unitPrice: 150 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  await presenter.context.setExtraHTTPHeaders({ 'cf-connecting-ip': ADDRESS });
  const storageState = await presenter.context.storageState();
  const hand = await venue.device({ viewport: SCREENS.phone, hasTouch: true, isMobile: true, storageState });
  remote = await venue.page(hand, 'remote');
  await remote.goto(`/control/${presenter.code}`);
  const pages = await Promise.all(
    ['first phone', 'second phone'].map(async (who) => venue.page(await venue.phone(), who)),
  );
  phones = pages.map((page) => new Phone(page));
  await Promise.all(phones.map((phone) => phone.joinsByLink(presenter.code)));
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

const title = (step: number) => SCRIPT[step - 1]!.title;

/** Waits until stage, remote and room are on a step, and on its lane. */
async function onStep(step: number): Promise<void> {
  const { stage } = presenter;
  await stage.getByText(`${step} of ${STEPS} · ${title(step)}`).waitFor();
  await remote.getByRole('heading', { name: `${step} of ${STEPS} · ${title(step)}` }).waitFor();
  const { mode } = expectationOf(step);
  const state = await readState(presenter, SKU);
  expect(state.step).toBe(step);
  if (!mode || mode === 'both') return;
  expect(state.mode).toBe(mode);
  await stage.locator(`.chip.${mode}`).waitFor();
  await Promise.all(phones.map((phone) => phone.shows(mode)));
}

/** Pictures of a step on every screen that a presenter has. */
async function pictures(step: number): Promise<void> {
  await shoot(presenter.stage, `script-${step}-stage-1920`);
  for (const [name, size] of Object.entries({
    1280: SCREENS.control,
    390: SCREENS.phone,
    320: SCREENS.smallPhone,
  })) {
    await remote.setViewportSize(size);
    await expectNoSidewaysScroll(remote);
    await shoot(remote, `script-${step}-control-${name}`);
  }
  await remote.setViewportSize(SCREENS.phone);
  await shoot(phones[0]!.page, `script-${step}-phone-390`);
}

const settled = async (lane: LaneId) => {
  await expect.poll(async () => (await readState(presenter, SKU)).lanes[lane].inFlight, poll).toBe(0);
  return (await readState(presenter, SKU)).lanes[lane];
};

it('1: opens the doors, and the remote in another browser is in the same place', async () => {
  await onStep(1);
  await remote.getByText('The stage says: code small.').waitFor();
  await remote.getByText('starts with step 2').waitFor();
  await pictures(1);
});

it('2: one key of the clicker on stage turns the page on every screen and keeps the safe lane', async () => {
  await presenter.stage.keyboard.press('PageDown');
  await onStep(2);
  await Promise.all(phones.map((phone) => phone.taps(8)));
  await expect.poll(async () => (await settled('safe')).acknowledged, poll).toBe(CAPACITY);
  await expectOneTruth(presenter, SKU, 'safe');
  await pictures(2);
});

it('3: one key on the remote turns the page and switches the lane, in one breath', async () => {
  await remote.keyboard.press('PageDown');
  await onStep(3);
  const log = await readLog(presenter, SKU);
  const turn = log.find((event) => event.kind === 'step' && event.body.step === 3)!;
  const before = log.find(({ seq }) => seq === turn.seq - 1);
  expect(before).toMatchObject({ kind: 'mode', body: { mode: 'eventual' }, atMs: turn.atMs });
  await remote
    .getByRole('navigation', { name: 'Script' })
    .getByRole('button', { name: 'Send 50 SIMULATED' })
    .tap();
  await Promise.all(phones.map((phone) => phone.taps(8)));
  await remote.getByText('got theirs').waitFor();
  const lane = await expectOneTruth(presenter, SKU, 'eventual');
  expect(lane.oversold, 'oversold').toBeGreaterThan(0);
  await pictures(3);
});

it('4: the guardrail has tripped, the remote says by what, and sales go on', async () => {
  await presenter.stage.keyboard.press('PageDown');
  await onStep(4);
  await remote.getByText('guardrail: tripped by its threshold').waitFor();
  await presenter.stage.getByText('It warns: sales go on.').waitFor();
  const before = (await settled('eventual')).acknowledged;
  await phones[0]!.taps(1);
  await expect.poll(async () => (await settled('eventual')).acknowledged, poll).toBe(before + 1);
  await pictures(4);
});

it('5: prompts for the reset, which a key asks and a second key answers', async () => {
  const { stage } = presenter;
  await stage.keyboard.press(' ');
  await onStep(5);
  await remote.getByText('stock: not reset yet').waitFor();
  await pictures(5);
  await stage.keyboard.press('r');
  await stage.getByRole('dialog', { name: 'Reset the show?' }).waitFor();
  await stage.keyboard.press('Tab');
  await stage.keyboard.press('Enter');
  await remote.getByText('stock: reset, as it should be').waitFor();
  await remote.getByText('guardrail: clear, as it should be').waitFor();
  await shoot(remote, 'script-5-control-390-after');
  expect((await readState(presenter, SKU)).lanes.eventual.acknowledged).toBe(0);
});

it('6: wraps up with three results over all rounds, each the sum of the log', async () => {
  const { stage } = presenter;
  await stage.keyboard.press('PageDown');
  await onStep(6);
  const log = await readLog(presenter, SKU);
  const [safe, eventual] = [sumOf(log, 'safe', 1, CAPACITY), sumOf(log, 'eventual', 1, CAPACITY)];
  expect(eventual.oversold).toBeGreaterThan(0);
  const results = stage.getByRole('region', { name: 'What this show came to' });
  const values = () => results.locator('.value').allInnerTexts();
  await expect.poll(values, poll).toEqual(['$0.00', '0', `+${eventual.oversold}`]);
  const words = await results.innerText();
  expect(words).toContain(`${safe.acknowledged} sold of ${CAPACITY}`);
  expect(words).toContain(`${eventual.acknowledged} sold of ${CAPACITY}`);
  expect(words.replace(/\s+/g, ' ')).toContain(`⊘ ${eventual.lost} unit`);
  const link = stage.getByRole('region', { name: 'Take it with you' }).getByRole('link');
  expect(await link.getAttribute('href')).toBe(`/show/${presenter.code}`);
  await pictures(6);
  await stage.setViewportSize(SCREENS.phone);
  await expectNoSidewaysScroll(stage);
  await shoot(stage, 'script-6-stage-390', true);
  await stage.setViewportSize(SCREENS.stage);
});

it('the last page is the last, and the way back sets each lane and takes no unit with it', async () => {
  await remote.keyboard.press('PageDown');
  await phones[0]!.taps(2);
  await expect.poll(async () => (await readState(presenter, SKU)).lanes.eventual.acknowledged, poll).toBe(2);
  const { epoch } = await readState(presenter, SKU);
  for (let step = STEPS - 1; step >= 1; step -= 1) {
    await remote.keyboard.press('PageUp');
    await onStep(step);
  }
  await remote.keyboard.press('PageUp');
  await onStep(1);
  const { lanes, epoch: after, guardrail } = await readState(presenter, SKU);
  expect([lanes.safe.acknowledged, lanes.eventual.acknowledged, after, guardrail.tripped]).toEqual([
    0,
    2,
    epoch,
    false,
  ]);
});

it('shows the same step and the same times on a control that was reloaded, and in the notes', async () => {
  await presenter.stage.keyboard.press('PageDown');
  await onStep(2);
  notes = await venue.window(presenter.control, 'notes');
  await notes.setViewportSize(SCREENS.control);
  await notes.goto(`/control/${presenter.code}/notes`);
  await remote.reload();
  await onStep(2);
  const times = async () => {
    const texts = await Promise.all(
      [remote, notes, presenter.control].map((page) =>
        page.locator('dl[aria-label="Time"] b').allInnerTexts(),
      ),
    );
    return texts.map((pair) => pair.map(secondsOf));
  };
  await expect.poll(async () => (await times()).flat().every(Number.isFinite), poll).toBe(true);
  // Each screen draws its clock once a second, at a moment of its own.
  await expect
    .poll(async () => {
      const [first, ...others] = await times();
      return others.flatMap((pair) => pair.map((s, place) => Math.abs(s - first![place]!)));
    }, poll)
    .toSatisfy((apart: number[]) => apart.length === 4 && apart.every((s) => s <= 1));
});

it('turns the page from the notes, which show what comes next in large letters', async () => {
  await notes.getByText(`Then 3, ${title(3)}:`).waitFor();
  await shoot(notes, 'script-notes-1280');
  await notes.keyboard.press('PageDown');
  await onStep(3);
  await notes.getByText(`Then 4, ${title(4)}:`).waitFor();
  await notes.keyboard.press('PageUp');
  await onStep(2);
  for (const [name, size] of Object.entries({
    1920: SCREENS.stage,
    390: SCREENS.phone,
    320: SCREENS.smallPhone,
  })) {
    await notes.setViewportSize(size);
    await expectNoSidewaysScroll(notes);
    await shoot(notes, `script-notes-${name}`);
  }
});

function secondsOf(text: string): number {
  const [minutes, seconds] = text.split(':').map(Number);
  return minutes! * 60 + (seconds ?? NaN);
}
