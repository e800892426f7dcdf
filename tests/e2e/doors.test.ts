/** Doors that do not open: each says what is wrong and what to do, and none of them leads nowhere. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { raw } from './support/raw.ts';
import { shoot } from './support/shots.ts';
import { SCREENS, Venue } from './support/venue.ts';

let venue: Venue;
let phone: Page;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  phone = await venue.page(await venue.phone(), 'phone');
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('names a code that no show has, and offers another try', async () => {
  venue.expects(/phone: .*status of 404/);
  await phone.goto('/j/ZZZZZZ');
  await phone.getByRole('heading', { name: 'No show has the code ZZZ ZZZ' }).waitFor();
  expect(await phone.getByLabel('Another code').isVisible()).toBe(true);
  await shoot(phone, 'phone-unknown-code');
});

it('tells a malformed code from an unknown one, in an address and in the field', async () => {
  await phone.goto('/j/K0O-1IL');
  await phone.getByRole('heading', { name: '“K0O-1IL” is not a code' }).waitFor();
  await shoot(phone, 'phone-not-a-code');
  await phone.goto('/');
  const field = phone.getByLabel('Code on the big screen');
  await field.fill('k7q');
  await field.press('Enter');
  await phone.getByText('A code has 6 characters; this has 3.').waitFor();
  await field.fill('k0q m2p');
  await field.press('Enter');
  await phone.getByText('No code has these characters').waitFor();
  expect(phone.url()).toBe(`${venue.url}/`);
  await shoot(phone, 'phone-door-problem');
});

it('takes a code in any shape: small letters, gaps, or a whole address that was pasted', async () => {
  await phone.goto('/j/zz-zzzz');
  await phone.waitForURL('**/j/ZZZZZZ');
  await phone.goto('/');
  const field = phone.getByLabel('Code on the big screen');
  await field.fill(`${venue.url}/nowhere`);
  await field.press('Enter');
  await phone.getByText('This address leads to no show').waitFor();
  await field.fill(` ${venue.url}/j/zzzyyy?from=chat#here `);
  await phone.getByRole('button', { name: 'Join' }).tap();
  await phone.waitForURL('**/j/ZZZYYY');
  await phone.getByRole('heading', { name: 'No show has the code ZZZ YYY' }).waitFor();
});

it('leads whoever presses Join before the page is ready to the same show', async () => {
  const sent = await raw('/?code=k7q%20m2p');
  expect([sent.status, sent.headers.location]).toEqual([303, '/j/K7QM2P']);
  const link = encodeURIComponent(`${venue.url}/j/k7qm2p?utm_source=chat#top`);
  const pasted = await raw(`/?code=${link}`);
  expect([pasted.status, pasted.headers.location]).toEqual([303, '/j/K7QM2P']);
  const nonsense = await raw('/?code=%2F%2Felsewhere.example');
  expect([nonsense.status, nonsense.headers.location]).toEqual([303, '/j/%2F%2Felsewhere.example']);
  expect((await raw('/?code=')).status).toBe(200);
});

it('keeps stage and control from whoever is not signed in, with the way to the door', async () => {
  venue.expects(/stranger: .*status of 401/);
  const stranger = await venue.page(await venue.device({ viewport: SCREENS.control }), 'stranger');
  for (const screen of ['stage', 'control']) {
    await stranger.goto(`/${screen}/ZZZZZZ`);
    await stranger.getByText('This browser is not signed in as the presenter of this show.').waitFor();
    await shoot(stranger, `${screen}-not-signed-in`);
    await stranger.goto(`/${screen}/nonsense`);
    await stranger.getByText('This address does not name a show').waitFor();
  }
  await stranger.getByRole('link', { name: 'Sign in at the door' }).click();
  await stranger.waitForURL(`${venue.url}/`);
});

it('answers an address that is none with a page of its own', async () => {
  const answer = await phone.goto('/no/such/page');
  expect(answer?.status()).toBe(404);
  await phone.getByRole('heading', { name: 'There is nothing at this address' }).waitFor();
  await shoot(phone, 'phone-nothing-here');
});
