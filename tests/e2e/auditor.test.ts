/** The auditor on screen: what the room finds of itself stands under the show, in full behind one key, and red is not missed. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import { LIVE_KEYS } from '#lib/domain/auditor.ts';
import { parseDown } from '#lib/protocol/down.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const SKU = 'matinee';
/** Smallest text of a stage, pixels of a 1920 × 1080 projector. */
const STAGE_TEXT_PX = 28;

let venue: Venue;
let presenter: Presenter;
let phone: Phone;

const strip = (page: Page) => page.locator('.strip').first();
const words = async (page: Page) => (await strip(page).innerText()).replace(/\s+/g, ' ');
const sheet = () => presenter.stage.getByRole('region', { name: 'Audit of this room' });

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Matinee', capacity: 20, unitPrice: 40 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  phone = new Phone(await venue.page(await venue.phone(), 'phone'));
  await phone.joinsByLink(presenter.code);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('says under the show how many promises hold, how far it looked, and that the database agrees', async () => {
  await phone.taps(2);
  await presenter.switchTo('eventual');
  await presenter.rush(50);
  const hold = `${LIVE_KEYS.length} of ${LIVE_KEYS.length} hold`;
  const { lanes } = await readState(presenter, SKU);
  expect(lanes.eventual?.ops).toBeGreaterThan(0);
  const rows = `the eventual lane’s rows ${lanes.eventual?.ops} = ${lanes.eventual?.ops}`;
  const all = new RegExp(`^Audit ✓ ${hold} · settled · to event [\\d,]+ · ${rows}$`);
  await expect.poll(() => words(presenter.control)).toMatch(all);
  // The foot of the stage says only how many hold; the rest is behind a key.
  await expect.poll(() => words(presenter.stage)).toBe(`Audit ✓ ${hold}`);
  await presenter.stage.keyboard.press('a');
  await expect
    .poll(async () => (await sheet().locator('.strip').innerText()).replace(/\s+/g, ' '))
    .toMatch(all);
  await presenter.stage.keyboard.press('a');
  const size = await strip(presenter.stage).evaluate((line) => parseFloat(getComputedStyle(line).fontSize));
  expect(size).toBeGreaterThanOrEqual(STAGE_TEXT_PX);
  await shoot(presenter.stage, 'stage-audit-strip');
});

it('shows every promise in plain words behind one key, and goes with the same or with Escape', async () => {
  const { stage } = presenter;
  for (const leave of ['a', 'Escape']) {
    await stage.keyboard.press('a');
    await sheet().waitFor();
    expect(await sheet().getByRole('listitem').count()).toBe(LIVE_KEYS.length);
    await sheet().getByText('Nothing in the log was changed afterwards').waitFor();
    await sheet().getByText('The database holds every order').waitFor();
    if (leave === 'a') await shoot(stage, 'stage-audit');
    await stage.keyboard.press(leave);
    await sheet().waitFor({ state: 'detached' });
  }
  await stage.setViewportSize(SCREENS.phone);
  await stage.keyboard.press('a');
  await sheet().waitFor();
  await shoot(stage, 'stage-audit-small');
  await expectNoSidewaysScroll(stage);
  await stage.keyboard.press('a');
  await stage.setViewportSize(SCREENS.stage);
});

it('lists the same on the control screen, and recounts everything on demand', async () => {
  const { control } = presenter;
  await control.getByText('What it looks at').click();
  const panel = control.locator('section[aria-labelledby="audit-title"]');
  expect(await panel.getByRole('listitem').count()).toBe(LIVE_KEYS.length);
  const { checks, broken } = await presenter.audit();
  expect(broken).toEqual([]);
  expect(checks).toBe(Object.keys(AUDIT_LINES).length);
  await panel.scrollIntoViewIfNeeded();
  await shoot(control, 'control-auditor', true);
  await control.setViewportSize(SCREENS.phone);
  await shoot(control, 'control-auditor-small', true);
  await expectNoSidewaysScroll(control);
  await control.setViewportSize(SCREENS.control);
});

it('alarms on stage and control when the room finds a broken promise, and names it', async () => {
  for (const [kind, path] of [
    ['stage', `/stage/${presenter.code}`],
    ['control', `/control/${presenter.code}`],
  ] as const) {
    const page = await venue.window(presenter.control, `${kind} of a room that broke its word`);
    await page.setViewportSize(SCREENS[kind]);
    await page.routeWebSocket(/\/parties\//, (socket) => {
      const room = socket.connectToServer();
      room.onMessage((text) => socket.send(breakWord(String(text))));
    });
    await page.goto(path);
    const alarm = page.getByRole('alert').filter({ hasText: 'broken promise' });
    await alarm.waitFor();
    const said = (await alarm.innerText()).replace(/\s+/g, ' ');
    expect(said).toContain('The database holds every order');
    expect(said).toContain(`Expected: ${AUDIT_LINES.d1[1]}.`);
    expect(said).toContain('Found: op seven has no row.');
    expect(await words(page)).toContain(`✗ ${LIVE_KEYS.length - 1} of ${LIVE_KEYS.length} hold`);
    await shoot(page, `${kind}-incident`);
    if (kind === 'stage') {
      await page.keyboard.press('a');
      await page.getByText('Found: op seven has no row').last().waitFor();
      await shoot(page, 'stage-audit-broken');
    }
    await page.setViewportSize(SCREENS.phone);
    await shoot(page, `${kind}-incident-small`);
    await expectNoSidewaysScroll(page);
    await page.close();
  }
});

/** The same message, but for an audit: in it the database's rows do not agree. */
function breakWord(text: string): string {
  const message = parseDown(text);
  if (message?.t !== 'audit') return text;
  const checks = message.checks.map((check) =>
    check.name === AUDIT_LINES.d1[0] ? { ...check, ok: false, found: 'op seven has no row' } : check,
  );
  return JSON.stringify({ ...message, checks });
}
