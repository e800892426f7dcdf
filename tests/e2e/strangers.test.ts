/** Phones that the room does not know, and networks that stand in between: each is told what it is, and what to do. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Proxy } from '../faults/support/proxy.ts';
import { Between } from './support/between.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { Venue } from './support/venue.ts';

let venue: Venue;
let network: Proxy;
let presenter: Presenter;

beforeAll(async () => {
  network = await Proxy.to(inject('host').port);
  venue = await Venue.open({ port: Number(new URL(network.url).port) });
  presenter = await Presenter.opens(venue, inject('host').debugToken, [
    { name: 'Seat', capacity: 5, unitPrice: 1 },
  ]);
  venue.expects(/(known|unknown|second): .*(WebSocket|Failed to load resource|401)/);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(async () => {
  await venue.close();
  await network.close();
});

/** Holds the answer to a page's next request back, as a slow network does. */
async function holdBack(page: Page, urlPattern: string) {
  const link = await page.context().newCDPSession(page);
  const held = new Promise<string>((resolve) => {
    link.once('Fetch.requestPaused', ({ requestId }) => resolve(requestId));
  });
  await link.send('Fetch.enable', { patterns: [{ urlPattern, requestStage: 'Response' }] });
  return { goesOn: async () => void (await link.send('Fetch.continueResponse', { requestId: await held })) };
}

it('tells a phone whose browser keeps no cookies that this is why it cannot come in', async () => {
  const between = await Between.open(inject('host').port);
  between.everybody.cookies = false;
  const through = await Venue.open(between);
  through.expects(/WebSocket|401/);
  const page = await through.page(await through.phone(), 'phone');
  await page.goto(`/j/${presenter.code}`);
  await page.getByText('This browser keeps no cookies').waitFor();
  await page.getByText('nothing was bought. Allow cookies for this address').waitFor();
  await through.close();
  between.close();
  expect(through.complaints(), 'what the page complained of').toEqual([]);
});

it('tells a second tab that the first one left, and lets nobody new in by itself', async () => {
  const context = await venue.phone();
  const first = new Phone(await venue.page(context, 'first'));
  await first.joinsByLink(presenter.code);
  const second = new Phone(await venue.page(context, 'second'));
  await second.joinsByLink(presenter.code);
  expect(await second.label()).toBe(await first.label());
  const answer = await holdBack(first.page, '*/api/auth/logout');
  await first.page.bringToFront();
  await first.page.getByRole('button', { name: /What we keep about you/ }).tap();
  await first.page.getByRole('button', { name: /Leave the show/ }).tap();
  await second.page.bringToFront();
  await second.page.getByText('That was in another tab of this browser').waitFor();
  await answer.goesOn();
  await first.page.bringToFront();
  await first.page.getByText('You have left the show').waitFor();
  expect((await context.cookies()).filter(({ name }) => name !== 'language')).toEqual([]);
  await context.close();
});

it('keeps the person whose cookies were cleared during the show', async () => {
  const context = await venue.phone();
  const phone = new Phone(await venue.page(context, 'known'));
  await phone.joinsByLink(presenter.code);
  const label = await phone.label();
  await context.clearCookies();
  network.reset();
  await expect.poll(async () => (await context.cookies()).length).toBe(1);
  await phone.ready();
  expect(await phone.label()).toBe(label);
  await context.close();
});

it('says that the cookies were cleared where nothing else knows the person, and gives another name', async () => {
  const context = await venue.phone();
  const phone = new Phone(await venue.page(context, 'unknown'));
  await phone.joinsByLink(presenter.code);
  const label = await phone.label();
  // A page that was loaded again has no login of its own.
  await phone.page.reload();
  await phone.ready();
  await context.clearCookies();
  network.reset();
  await phone.page.getByText('The cookies of this browser were cleared').waitFor();
  await phone.ready();
  expect(await phone.label()).not.toBe(label);
  await context.close();
});

it.each([
  ['a page of its own', { status: 200, contentType: 'text/html', body: '<h1>Sign in</h1>' }],
  ['a way to its page', { status: 302, headers: { location: 'http://portal.example/' } }],
])('names a Wi-Fi that answers with %s before one has signed in', async (_how, answer) => {
  const context = await venue.phone();
  const page = await venue.page(context, 'portal');
  await page.route('**/api/**', (route) => route.fulfill(answer));
  await page.goto(`/j/${presenter.code}`);
  await page.getByText('This network stands in between').waitFor();
  await page.getByText('sign-in page of a Wi-Fi').waitFor();
  await page.unroute('**/api/**');
  await page.getByRole('button', { name: 'Try again' }).tap();
  await new Phone(page).ready();
  await context.close();
});
