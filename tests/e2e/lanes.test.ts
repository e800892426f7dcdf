/** Lanes at the door: two unless somebody asks for others; what is not connected says how to, and cannot be chosen. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import type { RoomState } from '#lib/domain/room-state.ts';
import { expectAccessible } from './support/axe.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { SCREENS, Venue } from './support/venue.ts';

let venue: Venue;
let door: Page;
/** Whatever the door has asked the API for. */
const asked: string[] = [];

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  door = await venue.page(await venue.device({ viewport: SCREENS.control }), 'door');
  door.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await door.goto(`/#signin=${inject('host').debugToken}`);
  await door.getByText('Signed in by link').waitFor();
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('offers two lanes, and loads nothing for a choice that nobody makes', async () => {
  await door.getByText('Lanes: two, safe and eventual').waitFor();
  expect(asked).not.toContain('/api/demo/lanes');
});

it('says of a set what it lacks here and how to connect it, and lets nobody choose what compares nothing', async () => {
  await door.getByText('Lanes: two, safe and eventual').click();
  expect(await door.getByRole('radio', { name: 'Two lanes' }).isChecked()).toBe(true);
  for (const name of ['The guide’s table', 'PostgreSQL four ways', 'One exact lane per engine']) {
    expect(await door.getByRole('radio', { name }).isDisabled(), name).toBe(true);
  }
  await door.getByText('Not connected: PostgreSQL.', { exact: true }).waitFor();
  for (const engine of ['PostgreSQL', 'DynamoDB', 'Redis', 'Firestore']) {
    await door.getByText(`${engine} NOT CONNECTED`).waitFor();
  }
  await door.getByText('POSTGRES_URL').waitFor();
  await expectAccessible(door, 'the lanes of a show');
  await expectNoSidewaysScroll(door);
  await shoot(door, 'door-lanes', true);
});

it('opens a show on the lanes that were chosen one by one', async () => {
  await door.getByRole('radio', { name: 'Your own choice' }).check();
  const box = (name: RegExp) => door.getByRole('checkbox', { name });
  expect(await box(/FOR UPDATE/).isDisabled()).toBe(true);
  await box(/eventual lane/i).uncheck();
  expect(await box(/safe lane/i).isDisabled(), 'the last one stays').toBe(true);
  await door.getByText('Lanes: 1').waitFor();
  await shoot(door, 'door-lanes-own', true);
  await door.getByRole('button', { name: 'Open the show' }).click();
  await door.waitForURL('**/control/*');
  const lanes = await door.evaluate(async () => {
    const headers = { 'x-session-role': 'presenter' };
    const answer = await fetch('/api/demo/state?skuId=concert-ticket', { headers });
    return Object.keys(((await answer.json()) as { data: RoomState }).data.lanes);
  });
  expect(lanes).toEqual(['safe']);
});
