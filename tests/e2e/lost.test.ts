/** A lost update comes onto the stage by itself once the race has settled, is told from the log, and goes with the next key. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { PLAYS_MS } from '#lib/domain/race-playback.ts';
import { endOfMotion, lostOnStage } from './support/lost.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { readLog, readState } from './support/truth.ts';
import { Venue, WITHIN_MS } from './support/venue.ts';

const SKU = 'lost';
/** Longer than a race needs to settle, milliseconds. */
const SETTLES_MS = 4_000;
const poll = { timeout: WITHIN_MS };

let venue: Venue;
let presenter: Presenter;
let stage: Page;
let scene: Locator;
let phones: [Phone, Phone];

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Lost', capacity: 60, unitPrice: 20 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  ({ stage } = presenter);
  scene = stage.locator('dialog[open] .scene');
  const joins = async (who: string) => {
    const phone = new Phone(await venue.page(await venue.phone(), who));
    await phone.joinsByLink(presenter.code);
    return phone;
  };
  phones = [await joins('phone 1'), await joins('phone 2')];
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('stays away before the race, also when an update was lost in an earlier step', async () => {
  await presenter.switchTo('eventual');
  await races();
  // The first of the two steps begins held, so the key would be its GO.
  await presenter.turnsTo(2);
  await turnsTo(3, 'PageDown');
  await goes();
  await new Promise((settled) => setTimeout(settled, SETTLES_MS));
  expect(await scene.count()).toBe(0);
});

it('comes by itself once two phones have raced, and tells who, what and when by the log', async () => {
  await races();
  await scene.locator('h2').waitFor();
  await endOfMotion(stage);
  const log = await readLog(presenter, SKU);
  const names = await lostOnStage(stage, log);
  const labels = await Promise.all(phones.map((phone) => phone.label()));
  expect(labels).toEqual(expect.arrayContaining([...new Set(names)]));
  const { lostUnits } = (await readState(presenter, SKU)).lanes.eventual!;
  const sum = (await scene.locator('.sum').innerText()).replace(/\s+/g, ' ');
  expect(sum).toMatch(
    lostUnits === 0 ? /^Nothing is missing now/ : new RegExp(`^${lostUnits} units? vanished this way · `),
  );
  expect(sum).toMatch(/\d+ ms from first read to last write/);
  await shoot(stage, 'lost-by-itself');
});

it('goes with the next key, which does what it does on the stage, and does not come again', async () => {
  await stage.keyboard.press('PageDown');
  await expect.poll(async () => (await readState(presenter, SKU)).step, poll).toBe(4);
  expect(await scene.count()).toBe(0);
  await turnsTo(3, 'PageUp');
  await goes();
  await races();
  await new Promise((settled) => setTimeout(settled, SETTLES_MS));
  expect(await scene.count()).toBe(0);
});

it('plays 10 to 20 seconds, holds at Space, and the end stays', { timeout: 90_000 }, async () => {
  await stage.bringToFront();
  await stage.keyboard.press('m');
  const slider = scene.getByRole('slider');
  await slider.waitFor();
  const atMs = async () => Number(await slider.inputValue());
  const endMs = Number(await slider.getAttribute('max'));
  expect(endMs).toBeGreaterThan(90);
  await expect.poll(atMs, poll).toBeGreaterThan(0);
  await stage.keyboard.press(' ');
  await scene.getByRole('button', { name: 'Play' }).waitFor();
  const held = await atMs();
  await new Promise((later) => setTimeout(later, 500));
  expect(await atMs()).toBe(held);
  await shoot(stage, 'lost-playing');
  await stage.keyboard.press(' ');
  await expect.poll(atMs, { timeout: 2 * PLAYS_MS }).toBe(endMs);
  await scene.getByRole('button', { name: 'Play' }).waitFor();
  expect(await scene.locator('.struck').count()).toBe(1);
});

it('goes when the presenter goes on with another screen', async () => {
  await presenter.control.bringToFront();
  await presenter.control.keyboard.press('PageDown');
  await expect.poll(() => scene.count(), poll).toBe(0);
});

it('shows the end at once, in the same words, to people who asked for no motion', async () => {
  await stage.emulateMedia({ reducedMotion: 'reduce' });
  await stage.bringToFront();
  await stage.keyboard.press('m');
  await scene.locator('.struck').waitFor();
  const slider = scene.getByRole('slider');
  expect(await slider.inputValue()).toBe(await slider.getAttribute('max'));
  await lostOnStage(stage, await readLog(presenter, SKU));
  await stage.keyboard.press('Escape');
  await expect.poll(() => scene.count(), poll).toBe(0);
});

/** Both phones tap at once until one more update is lost, and nothing is on its way any more. */
async function races(): Promise<void> {
  const losses = async () => (await readLog(presenter, SKU)).filter(({ kind }) => kind === 'lost').length;
  const before = await losses();
  await expect
    .poll(
      async () => {
        await Promise.all(phones.map((phone) => phone.taps(3)));
        return losses();
      },
      { timeout: 3 * WITHIN_MS, interval: 300 },
    )
    .toBeGreaterThan(before);
  await expect.poll(async () => (await readState(presenter, SKU)).lanes.eventual?.inFlight, poll).toBe(0);
}

async function turnsTo(step: number, key: 'PageDown' | 'PageUp'): Promise<void> {
  await stage.bringToFront();
  for (let at = (await readState(presenter, SKU)).step; at !== step; at += key === 'PageDown' ? 1 : -1) {
    await stage.keyboard.press(key);
  }
  await expect.poll(async () => (await readState(presenter, SKU)).step, poll).toBe(step);
}

/** Lets everybody begin, where a step begins held. */
async function goes(): Promise<void> {
  const hold = async () => (await readState(presenter, SKU)).hold;
  if ((await hold())?.goAtMs === null) await stage.keyboard.press('h');
  await expect.poll(hold, poll).toBeNull();
  for (const phone of phones) await phone.ready();
}
