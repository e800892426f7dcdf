/** A German show: all screens of its presenter speak the language that was chosen for the stage, from the door to the verdict. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { hearCanvases, misplaced } from './support/boxes.ts';
import { englishOn } from './support/english.ts';
import { Phone } from './support/phone.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { SCREENS, Venue } from './support/venue.ts';

const GERMAN = { locale: 'de-AT' };
const PROJECTORS = [SCREENS.stage, { width: 1280, height: 720 }];
const NARROW = { width: 320, height: 640 };

let venue: Venue;
let desk: BrowserContext;
let control: Page;
let stage: Page;
let code: string;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  desk = await venue.device({ ...GERMAN, viewport: SCREENS.control });
  await hearCanvases(desk);
  control = await venue.page(desk, 'control');
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

const languageOf = (page: Page) => page.locator('html').getAttribute('lang');

/** Signs in at the door in a browser that asks for German, picks a language for the stage, or leaves it, and opens a show. */
async function opens(page: Page, stageLanguage?: string): Promise<string> {
  await page.goto(`/#signin=${inject('host').debugToken}`);
  await page.getByText('Über den Link angemeldet.').waitFor();
  await page.getByLabel('Name').fill('Eröffnung');
  if (stageLanguage !== undefined) await page.getByRole('radio', { name: stageLanguage }).check();
  await page.getByRole('button', { name: 'Show eröffnen' }).click();
  await page.waitForURL('**/control/*');
  await page.locator('main.control header h1').waitFor();
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

/** A screen of the presenter is in German, whole, and nothing on it is misplaced. */
async function expectGerman(page: Page, name: string): Promise<void> {
  expect(await languageOf(page)).toBe('de');
  await expect.poll(() => englishOn(page), { message: name }).toEqual([]);
}

/** So is the stage, on the projectors that there are. */
async function expectGermanStage(name: string): Promise<void> {
  await expectGerman(stage, name);
  for (const size of PROJECTORS) {
    await stage.setViewportSize(size);
    await expect.poll(() => misplaced(stage), { message: `${name}, ${size.width} px` }).toEqual([]);
  }
  await stage.setViewportSize(SCREENS.stage);
  await shoot(stage, `german-stage-${name}`);
}

/** Gives the GO where the room is held. */
async function go(): Promise<void> {
  const start = control.locator('.panel').getByRole('button', { name: '3, 2, 1, GO' });
  if ((await start.count()) === 0) return;
  await start.click();
  await start.waitFor({ state: 'detached' });
  await control.getByText('Läuft.').waitFor();
}

it('is offered to a presenter whose browser asks for German, and is on control at once', async () => {
  await control.goto('/');
  expect(await control.getByRole('radio', { name: 'Deutsch' }).isChecked()).toBe(true);
  code = await opens(control);
  await expectGerman(control, 'control');
  stage = await venue.window(control, 'stage');
  await stage.setViewportSize(SCREENS.stage);
  await stage.goto(`/stage/${code}`);
  await stage.locator('main, .stage h1').first().waitFor();
  await expectGermanStage('doors');
  await control.reload();
  await control.locator('main.control header h1').waitFor();
  await expectGerman(control, 'control after a reload');
});

it('comes to a second device by its code, whatever that browser asks for, and stays after a reload', async () => {
  const answered = control.waitForResponse(
    (response) => response.url().endsWith('/api/auth/pair') && response.request().method() === 'POST',
  );
  await control.getByRole('button', { name: 'Anmelde-Code zeigen' }).click();
  const { data } = (await (await answered).json()) as { data: { secret: string } };
  const remote = await venue.page(await venue.phone({ locale: 'en-US', viewport: NARROW }), 'remote');
  // It is nobody's before its code was taken.
  venue.expects(/remote: .*status of 401/);
  await remote.goto(`/control/${code}?lang=de#pair=${data.secret}`);
  await remote.getByRole('button', { name: 'Show beenden …' }).waitFor();
  await expectGerman(remote, 'remote');
  await expectNoSidewaysScroll(remote);
  await remote.goto(`/control/${code}`);
  await remote.getByRole('button', { name: 'Show beenden …' }).waitFor();
  await expectGerman(remote, 'remote after a reload');
  await expectNoSidewaysScroll(remote);
  await shoot(remote, 'german-remote', true);
  // The same device's phone page is its reader's.
  await remote.goto(`/j/${code}`);
  await new Phone(remote).ready();
  expect(await languageOf(remote)).toBe('en');
  await remote.context().close();
});

it('has a German pre-flight check, notes, questions and keys', async () => {
  const page = await venue.page(desk, 'beside');
  await page.goto(`/control/${code}/preflight`);
  await page.getByRole('heading', { name: 'Startcheck' }).waitFor();
  await page.getByRole('button', { name: 'Neu prüfen' }).waitFor();
  await expectGerman(page, 'pre-flight');
  await shoot(page, 'german-preflight', true);
  await page.goto(`/control/${code}/notes`);
  await page.getByRole('heading', { level: 2 }).waitFor();
  await expectGerman(page, 'notes');
  await shoot(page, 'german-notes');
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Tasten').waitFor();
  await expectGerman(page, 'keys');
  await page.close();
  await control.bringToFront();
  await control.keyboard.press('r');
  await control.getByRole('dialog').getByText('Show zurücksetzen?').waitFor();
  await expectGerman(control, 'question');
  await control.keyboard.press('Escape');
});

it('plays the six steps, and every scene of them is German and whole', { timeout: 240_000 }, async () => {
  const phone = new Phone(await venue.page(await venue.phone({ locale: 'en-US' }), 'English phone'));
  await phone.joinsByLink(code);
  expect(await languageOf(phone.page)).toBe('en');
  for (let step = 2; step <= 6; step += 1) {
    await stage.bringToFront();
    await stage.keyboard.press('PageDown');
    await control.bringToFront();
    await control.getByRole('heading', { name: new RegExp(`^${step} von 6`) }).waitFor();
    await expectGermanStage(`step-${step}-begun`);
    await go();
    if (step === 2 || step === 3) {
      await control.getByRole('button', { name: '200 simulierte Käufer' }).click();
      await control.getByText('haben eines bekommen').waitFor({ timeout: 60_000 });
      await phone.taps(2);
    }
    await expectGermanStage(`step-${step}`);
    await expectGerman(control, `control in step ${step}`);
    await shoot(control, `german-control-step-${step}`, true);
  }
  await phone.page.context().close();
});

it('asks for a guess, shows the audit, the help and the other pages of the verdict in German', async () => {
  await stage.bringToFront();
  for (const [key, name] of [
    ['a', 'audit'],
    ['?', 'help'],
  ] as const) {
    await stage.keyboard.press(key);
    await expectGerman(stage, name);
    await shoot(stage, `german-stage-${name}`);
    await stage.keyboard.press('Escape');
  }
  for (let page = 1; page <= 4; page += 1) {
    await stage.keyboard.press('v');
    await expectGermanStage(`verdict-${page}`);
  }
  await stage.keyboard.press('g');
  await expectGermanStage('guess-open');
  await stage.keyboard.press('g');
  await expectGermanStage('guess-closed');
});

it('is not the phones’, and not that of another show in the same browser', async () => {
  const other = await venue.page(await venue.device({ ...GERMAN, viewport: SCREENS.control }), 'bilingual');
  const english = await opens(other, 'English');
  expect(await languageOf(other)).toBe('en');
  await other.getByRole('button', { name: 'End the show…' }).waitFor();
  await other.goto(`/stage/${english}`);
  await other.locator('.stage').waitFor();
  expect(await languageOf(other)).toBe('en');
  await other.goto('/');
  await other.getByRole('heading', { name: 'Eine Show eröffnen' }).waitFor();
  expect(await languageOf(other)).toBe('de');
  await other.context().close();
});

it('ends in a German summary, which a reader of English reads in English', async () => {
  await control.bringToFront();
  await control.getByRole('button', { name: 'Show beenden …' }).click();
  await control.getByRole('button', { name: 'Für alle beenden' }).click();
  await control.waitForURL('**/show/*');
  await control.getByRole('heading', { level: 2 }).first().waitFor();
  await expectGerman(control, 'summary');
  await expect.poll(() => misplaced(control)).toEqual([]);
  await shoot(control, 'german-summary', true);
  const reader = await venue.page(
    await venue.device({ locale: 'en-US', viewport: SCREENS.control }),
    'reader',
  );
  await reader.goto(`/show/${code}`);
  await reader.getByRole('heading', { level: 2 }).first().waitFor();
  expect(await languageOf(reader)).toBe('en');
  await reader.context().close();
});

it('is rehearsed in the language that is chosen at the rehearsal’s door', async () => {
  const page = await venue.page(await venue.device({ ...GERMAN, viewport: SCREENS.control }), 'rehearsal');
  await page.goto('/rehearsal');
  await page.getByRole('button', { name: 'Probe eröffnen' }).waitFor();
  await expectGerman(page, 'the rehearsal’s door');
  await page.getByRole('button', { name: 'Probe eröffnen' }).click();
  await page.waitForURL('**/control/*');
  await page.locator('main.control header h1').waitFor();
  await expectGerman(page, 'control of a rehearsal');
  await shoot(page, 'german-rehearsal', true);
  await page.context().close();
});
