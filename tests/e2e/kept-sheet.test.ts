/** "What we keep about you": the phone shows the stored record, field by field, and nothing beside it; leaving deletes it. */
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { SCREENS, Venue } from './support/venue.ts';

interface Me {
  data: { stored: Record<string, string | number> };
}

let venue: Venue;
let presenter: Presenter;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  presenter = await Presenter.opens(venue, inject('host').debugToken, [
    { name: 'Seat', capacity: 5, unitPrice: 1 },
  ]);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('is exactly what the server says that it stores, with a meaning for every field', async () => {
  const context = await venue.phone({ viewport: SCREENS.smallPhone });
  const phone = new Phone(await venue.page(context, 'phone'));
  await phone.joinsByLink(presenter.code);
  const { page } = phone;
  const answered = page.waitForResponse((response) => response.url().endsWith('/api/auth/me'));
  await page.getByRole('button', { name: /What we keep about you/ }).tap();
  const { data } = (await (await answered).json()) as Me;
  const sheet = page.getByRole('dialog');
  await sheet.locator('dl').waitFor();
  const values = await sheet.locator('dd .value').allInnerTexts();
  const names = (await sheet.locator('dt').allInnerTexts()).map((text) => text.split(/\s/)[0]);
  expect(names.map((name, at) => [name, values[at]])).toEqual(
    Object.entries(data.stored).map(([name, value]) => [name, String(value)]),
  );
  expect(Object.keys(data.stored).length).toBeGreaterThanOrEqual(7);
  const meanings = await sheet.locator('dt .quiet').allInnerTexts();
  expect(meanings.filter((meaning) => meaning.trim() === '')).toEqual([]);
  expect(await sheet.evaluate(({ scrollTop }) => scrollTop), 'it is read from the top').toBe(0);
  await expectNoSidewaysScroll(page);
  await shoot(page, 'small-phone-kept');
  await page.setViewportSize(SCREENS.phone);
  await shoot(page, 'phone-kept');
});

it('is closed by Escape, and gone from the store once its owner leaves', async () => {
  const context = await venue.phone();
  const phone = new Phone(await venue.page(context, 'leaver'));
  await phone.joinsByLink(presenter.code);
  const { page } = phone;
  const open = page.getByRole('button', { name: /What we keep about you/ });
  await open.tap();
  await page.getByRole('dialog').locator('dl').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await open.tap();
  const cookies = await context.cookies();
  const token = cookies.find(({ name }) => name.startsWith('rgl_participant'))?.value ?? '';
  await page.getByRole('button', { name: 'Leave the show' }).tap();
  await page.getByText('You have left the show').waitFor();
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${inject('host').url}/api/auth/me`, { headers })).status).toBe(401);
});
