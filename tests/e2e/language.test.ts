/** The audience reads the show in its own language: German where a browser asks for it, English everywhere else. */
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { englishOn } from './support/english.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { SCREENS, Venue } from './support/venue.ts';

const GERMAN = { locale: 'de-AT' };

let venue: Venue;
let presenter: Presenter;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Eröffnung', capacity: 2_000, unitPrice: 1_250 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('carries a German phone from the door to its tickets, without a word of English', async () => {
  const page = await venue.page(await venue.phone(GERMAN), 'German phone');
  const phone = new Phone(page);
  await page.goto('/');
  await page.getByRole('heading', { name: 'Bei einer Show mitmachen' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  expect(await englishOn(page)).toEqual([]);
  await shoot(page, 'door-german', true);
  await page.getByLabel('Code auf der Leinwand').fill(presenter.code);
  await page.getByRole('button', { name: 'Beitreten' }).tap();
  await phone.ready();
  await phone.taps(3);
  await page.getByText('Du hast 3.').waitFor();
  await page.getByText('1.250 $ · 2.000 vorhanden').waitFor();
  expect(await englishOn(page)).toEqual([]);
  await expectNoSidewaysScroll(page);
  await shoot(page, 'phone-german');
  await page.locator('button.who').tap();
  await page.getByText('Ein erfundener Name.').waitFor();
  expect(await englishOn(page)).toEqual([]);
  await shoot(page, 'phone-german-kept', true);
  await page.context().close();
});

it('is German on the smallest phone that comes by the link', async () => {
  const page = await venue.page(
    await venue.phone({ ...GERMAN, viewport: SCREENS.smallPhone }),
    'small German phone',
  );
  const phone = new Phone(page);
  await phone.joinsByLink(presenter.code);
  await page.getByText('tippe, so schnell du willst').waitFor();
  await phone.taps(1);
  await page.getByText('Bestätigt', { exact: true }).waitFor();
  expect(await englishOn(page)).toEqual([]);
  await expectNoSidewaysScroll(page);
  await shoot(page, 'small-phone-german');
  await page.context().close();
});

it('keeps the language that somebody picked, whatever their browser asks for', async () => {
  const page = await venue.page(await venue.phone(GERMAN), 'German phone');
  await page.goto('/');
  await page.getByRole('button', { name: 'English' }).tap();
  await page.getByRole('heading', { name: 'Join a show' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Join a show' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  await page.waitForLoadState('networkidle');
  await page.getByRole('button', { name: 'Deutsch' }).tap();
  await page.getByRole('heading', { name: 'Bei einer Show mitmachen' }).waitFor();
  await page.context().close();
});

it('reads the guide and the summary to everybody in their own language', async () => {
  const page = await venue.page(await venue.device({ ...GERMAN, viewport: SCREENS.control }), 'German desk');
  await page.goto('/');
  await page.getByRole('heading', { name: 'Eine Show eröffnen' }).waitFor();
  await page.waitForLoadState('networkidle');
  await page.getByRole('link', { name: 'Der Leitfaden' }).click();
  await page.getByRole('heading', { level: 1, name: 'Der Leitfaden' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  expect(await englishOn(page)).toEqual([]);
  await shoot(page, 'guide-german', true);
  venue.expects(/German desk: .*status of 404/);
  for (const path of ['/verify', '/rehearsal', '/nowhere']) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await englishOn(page), path).toEqual([]);
  }
  await page.context().close();
});

it('says that a page has its language from its reader, so that no cache hands it to another', async () => {
  const answer = await fetch(`http://127.0.0.1:${inject('host').port}/`, {
    headers: { 'accept-language': 'fr, de;q=0.8, en;q=0.5' },
  });
  expect(answer.headers.get('vary')).toContain('accept-language');
  expect(await answer.text()).toContain('<html lang="de"');
});
