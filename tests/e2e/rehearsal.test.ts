/**
 * The rehearsal, in a real browser with the network cut: the same screens, marked SIMULATED, over a room that they share. The
 * first part opens the site by a loopback address, which is a secure context: there a page can be loaded again offline. The
 * second one falls over from a live show on plain http, as in a venue.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findBrowser } from '../../scripts/lib/browser.mjs';
import { clicksGo } from './support/clicker.ts';
import { expectMarked } from './support/marked.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { stageFigures } from './support/truth.ts';
import { SCREENS, Venue, WITHIN_MS } from './support/venue.ts';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
const READY = 'The rehearsal is loaded, and works without a network.';

async function letIn(control: Page, shoppers: number, seconds: number): Promise<void> {
  const panel = control.getByRole('region', { name: /Steady crowd/ });
  await panel.getByLabel('shoppers').fill(String(shoppers));
  await panel.getByLabel('seconds').fill(String(seconds));
  await panel.getByRole('button', { name: 'Let them in' }).click();
  await panel.getByRole('button', { name: 'Stop the crowd' }).waitFor();
  await panel.getByRole('button', { name: 'Let them in' }).waitFor({ timeout: 1_000 * seconds + WITHIN_MS });
}

describe('a rehearsal with the network cut', () => {
  let browser: Browser;
  let context: BrowserContext;
  let control: Page;
  let stage: Page;
  let phone: Page;
  /** What these pages asked of the site's API. */
  const asked: string[] = [];

  const windowBeside = async (path: string, viewport: { width: number; height: number }) => {
    const opened = context.waitForEvent('page');
    await control.evaluate((url) => void window.open(url, '', 'popup'), path);
    const page = await opened;
    await page.setViewportSize(viewport);
    return page;
  };

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: (await findBrowser())!, args: ARGS });
    context = await browser.newContext({
      baseURL: `http://127.0.0.1:${inject('host').port}`,
      viewport: SCREENS.control,
      colorScheme: 'dark',
    });
    context.setDefaultTimeout(WITHIN_MS);
    context.on('request', (request) => {
      if (new URL(request.url()).pathname.startsWith('/api/')) asked.push(request.url());
    });
    control = await context.newPage();
  });
  afterAll(() => browser.close());

  it('is opened at the door of its own', async () => {
    await control.goto('/');
    await control.getByRole('button', { name: 'Rehearsal' }).click();
    await control.waitForURL('**/rehearsal');
    await control.getByLabel('Units that exist').fill('40');
    await control.getByLabel('Seed').fill('-1');
    await control.getByRole('button', { name: 'Open the rehearsal' }).click();
    await control.getByText('Seed: a whole number, 0 to 999,999.').waitFor();
    await shoot(control, 'rehearsal-door', true);
    await control.getByLabel('Seed').fill('2026');
    await control.getByRole('button', { name: 'Open the rehearsal' }).click();
    await control.waitForURL('**/control/REHEAR?rehearsal*');
    await control.getByText('seed 2026').waitFor();
    stage = await windowBeside('/stage/REHEAR?rehearsal', SCREENS.stage);
    phone = await windowBeside('/j/REHEAR?rehearsal', SCREENS.phone);
    await phone.locator('button.tap[aria-disabled="false"]').waitFor();
    await expectMarked(control, stage, phone);
    // What a reload will need is kept by now.
    const kept = (page: Page) =>
      page.evaluate(async () => Boolean(await caches.match(location.pathname)) && caches.keys());
    for (const page of [control, stage]) {
      await expect.poll(() => kept(page), { timeout: 30_000 }).toMatchObject([/^revenue-guard-/]);
    }
    expect(asked, 'asked of the API by pages that say "no network"').toEqual([]);
  });

  it('plays every step and mode without a network, and its numbers move', async () => {
    await context.setOffline(true);
    for (const [step, mode] of [
      [2, 'safe'],
      [3, 'eventual'],
      [4, 'both'],
    ] as const) {
      await stage.bringToFront();
      await stage
        .getByText(`${step - 1} of 6`)
        .first()
        .waitFor();
      await stage.keyboard.press('PageDown');
      await stage.getByText(`${step} of 6`).first().waitFor();
      if (step < 4) await clicksGo(stage);
      await control.locator(`.switch button.${mode}`).click();
      await control.locator(`button.${mode}[aria-pressed="true"]`).waitFor();
      await phone.locator(`button.tap[data-tone="${mode}"]`).waitFor();
      await phone.locator('button.tap').click();
      await letIn(control, 60, 4);
      await expectMarked(control, stage, phone);
      await shoot(stage, `rehearsal-stage-${mode}`);
      if (step !== 3) continue;
      const figures = await stageFigures(stage, 'eventual');
      expect(figures.acknowledged).toBeGreaterThan(40);
      expect(figures.oversold).toBe(figures.acknowledged - 40);
      expect(figures.lost).toBe(figures.acknowledged - figures.stored);
    }
    await control.getByRole('button', { name: 'Recount from the log' }).click();
    await control
      .getByText(/checks hold\./)
      .first()
      .waitFor();
    await shoot(control, 'rehearsal-control', true);
    await shoot(phone, 'rehearsal-phone');
  });

  it('opens another phone without a network: on the phone, not at the door of the rehearsal', async () => {
    const opened = context.waitForEvent('page');
    await control.getByRole('link', { name: 'Phone ↗' }).click();
    const second = await opened;
    await second.locator('button.tap[aria-disabled="false"]').waitFor();
    await expectMarked(second);
    await second.close();
  });

  it('is reset, refuses the next reset, and goes on', async () => {
    await control
      .getByRole('button', { name: /^Reset…/ })
      .first()
      .click();
    await control
      .getByRole('dialog')
      .getByRole('button', { name: /^Reset/ })
      .first()
      .click();
    await control.getByText('Reset. Stock is full again.').waitFor();
    await control
      .getByRole('button', { name: /^Reset…/ })
      .first()
      .click();
    await control
      .getByRole('dialog')
      .getByRole('button', { name: /^Reset/ })
      .first()
      .click();
    await control
      .getByText(/Refused: one reset a minute/)
      .first()
      .waitFor();
    await control.keyboard.press('Escape');
    await phone.locator('button.tap').click();
    await expect.poll(() => phone.locator('.totals .big').first().innerText()).toBe('1');
  });

  it('is loaded again without a network, and stands where it stood', async () => {
    for (const page of [stage, control]) {
      await page.reload();
      await expect.poll(() => page.getByText('rehearsal in this browser').count()).toBe(1);
      await expectMarked(page);
    }
    await stage.getByText('4 of 6').waitFor();
    await control.getByRole('button', { name: 'Recount from the log' }).waitFor();
  });

  it('plays the last steps to the end', async () => {
    await stage.bringToFront();
    for (const step of [5, 6]) {
      await stage.keyboard.press('PageDown');
      await stage.getByText(`${step} of 6`).waitFor();
      await expectMarked(stage, control, phone);
    }
    await shoot(stage, 'rehearsal-stage-wrap');
  });

  it('gives way to the live show at the same switch, which says what it has no network for', async () => {
    await stage.keyboard.press('l');
    await stage.getByText(/no network right now/).waitFor();
    expect(await stage.title()).not.toContain('SIMULATED');
    expect(await stage.getByText('SIMULATED').count()).toBe(0);
    await context.setOffline(false);
    await stage.getByRole('button', { name: 'Try again' }).click();
    await stage.getByText('This browser is not signed in as the presenter of this show.').waitFor();
    await phone.getByRole('button', { name: 'Live' }).click();
    await phone
      .getByText(/no show|not a show|unknown/i)
      .first()
      .waitFor();
    expect(await phone.title()).not.toContain('SIMULATED');
  });

  it('keeps nothing of the API and no page of a session in the service worker’s cache', async () => {
    const paths = await control.evaluate(async () => {
      const found: string[] = [];
      for (const name of await caches.keys()) {
        for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
      }
      return found;
    });
    expect(paths.length).toBeGreaterThan(10);
    const pages = paths.filter((path) => !path.startsWith('/_app/immutable/'));
    expect(
      pages.every((path) => /^\/(rehearsal|(stage|control|j)\/REHEAR|control\/REHEAR\/notes)?$/.test(path)),
      pages.join(' '),
    ).toBe(true);
  });
});

describe('a live show whose network dies', () => {
  let venue: Venue;
  let presenter: Presenter;
  let phone: Phone;

  beforeAll(async () => {
    venue = await Venue.open(inject('host'));
    venue.expects(/ERR_INTERNET_DISCONNECTED|Failed to load resource|WebSocket connection/);
    const product = { name: 'Opening night', capacity: 30, unitPrice: 90 };
    presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
    phone = new Phone(await venue.page(await venue.phone(), 'phone'));
    await phone.joinsByLink(presenter.code);
  });
  afterAll(() => venue.close());

  it('goes on in rehearsal at its step and with its product, and comes back to what was really sold', async () => {
    const { stage, control, context } = presenter;
    await presenter.switchTo('eventual');
    await phone.shows('eventual');
    await phone.taps(2);
    await expect
      .poll(async () => (await phone.tally()).confirmed + (await phone.tally()).overwritten)
      .toBe(2);
    await control.getByText(READY).waitFor({ state: 'attached' });
    await stage.getByText(READY).waitFor({ state: 'attached' });

    await context.setOffline(true);
    await stage.bringToFront();
    await stage.keyboard.press('l');
    await stage.getByText('rehearsal in this browser').waitFor();
    await control.getByRole('button', { name: 'Rehearsal' }).click();
    await control.getByRole('button', { name: 'Recount from the log' }).waitFor();
    await expectMarked(stage, control);
    await stage.getByText('Opening night').first().waitFor();
    await control.locator('button.eventual[aria-pressed="true"]').waitFor();
    await letIn(control, 40, 3);
    await expect.poll(async () => (await stageFigures(stage, 'eventual')).acknowledged).toBeGreaterThan(30);
    await shoot(stage, 'rehearsal-fallback-stage');

    await context.setOffline(false);
    await stage.keyboard.press('l');
    await stage.getByText('● live').waitFor();
    expect(await stage.title()).not.toContain('SIMULATED');
    await expect.poll(async () => (await stageFigures(stage, 'eventual')).acknowledged).toBe(2);
    expect(venue.complaints()).toEqual([]);
  });

  it('is rehearsed on a phone alone, which comes back with its name and its receipts', async () => {
    const label = await phone.label();
    await phone.page.getByRole('button', { name: 'Try offline' }).tap();
    await phone.page.getByText('rehearsal in this browser').waitFor();
    await phone.ready();
    await expectMarked(phone.page);
    expect(await phone.label()).toMatch(/^rehearsal-/);
    await phone.taps(1);
    await expect.poll(async () => (await phone.tally()).confirmed).toBe(1);
    await shoot(phone.page, 'rehearsal-phone-alone');
    await phone.page.setViewportSize(SCREENS.smallPhone);
    await shoot(phone.page, 'rehearsal-small-phone');
    await phone.page.setViewportSize(SCREENS.phone);
    await phone.page.getByRole('button', { name: 'Live' }).tap();
    await phone.ready();
    expect(await phone.label()).toBe(label);
    await shoot(phone.page, 'rehearsal-phone-live');
    const tally = await phone.tally();
    expect(tally.confirmed + tally.overwritten).toBe(2);
  });
});
