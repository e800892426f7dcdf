/** Both lanes at once: the same taps, side by side, and two different endings. */
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectOneTruth, figuresOf, readLog, readState, stageFigures, sumOf } from './support/truth.ts';
import { Venue } from './support/venue.ts';

const SKU = 'opening-night';
const CAPACITY = 100;

let venue: Venue;
let presenter: Presenter;
let phone: Phone;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Opening night', capacity: CAPACITY, unitPrice: 90 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  phone = new Phone(await venue.page(await venue.phone(), 'phone'));
  await phone.joinsAtTheDoor(presenter.code);
  await presenter.switchTo('both');
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('sends one tap to both lanes, and gives a ticket for each', async () => {
  await phone.shows('both');
  await phone.taps(1);
  await expect.poll(() => phone.tally()).toMatchObject({ confirmed: 2 });
  const lanes = phone.page.locator('section[aria-labelledby="mine"] li .lane');
  expect((await lanes.allInnerTexts()).sort()).toEqual(['eventual', 'safe']);
  // An answer comes before the frame that tells everybody.
  await expect.poll(() => phone.totals()).toEqual([1, 1]);
});

it('splits the stage: the safe half stops at the line, the eventual half does not', async () => {
  await presenter.rush(200);
  await phone.taps(12);
  await expect.poll(async () => (await phone.tally())['on their way']).toBe(0);
  await expectOneTruth(presenter, SKU, 'eventual');
  const state = await readState(presenter, SKU);
  const log = await readLog(presenter, SKU);
  const safe = figuresOf(state, 'safe');
  expect(safe).toEqual({ acknowledged: CAPACITY, stored: CAPACITY, oversold: 0, lost: 0 });
  expect(sumOf(log, 'safe', state.epoch, CAPACITY)).toEqual(safe);
  expect((await stageFigures(presenter.stage, 'safe')).acknowledged).toBe(CAPACITY);
  expect(state.lanes.eventual?.oversellDelta).toBeGreaterThan(0);
  await expect.poll(() => phone.totals()).toEqual([CAPACITY, state.lanes.eventual?.acknowledged]);
  await shoot(presenter.stage, 'stage-both');
  await shoot(presenter.control, 'control-both');
  await shoot(phone.page, 'phone-both');
});

it('proves both halves by the audit', async () => {
  expect((await presenter.audit()).broken).toEqual([]);
});
