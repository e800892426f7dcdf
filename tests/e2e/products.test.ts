/** A show that sells three things: each has a room of its own, and nobody mixes them up. */
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { expectOneTruth, readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

/** Names as presenters type them, the longest that is allowed among them. */
const PRODUCTS = [
  { name: 'Balcony seat', capacity: 12, unitPrice: 45 },
  { name: 'Meet and greet with the whole band after the second evening', capacity: 5, unitPrice: 1249.5 },
  { name: 'Vinyl', capacity: 2_000, unitPrice: 0 },
];
const IDS = ['balcony-seat', 'meet-and-greet-with-the-whol', 'vinyl'] as const;

let venue: Venue;
let presenter: Presenter;
let balcony: Phone;
let band: Phone;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  presenter = await Presenter.opens(venue, inject('host').debugToken, PRODUCTS);
  balcony = new Phone(await venue.page(await venue.phone(), 'balcony phone'));
  band = new Phone(await venue.page(await venue.phone(), 'band phone'));
  await balcony.joinsByLink(presenter.code);
  await band.joinsByLink(presenter.code);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('lets each phone look at another product, and sells it from that room alone', async () => {
  await balcony.taps(3);
  await band.page.getByRole('button', { name: PRODUCTS[1]!.name }).tap();
  await band.page.getByRole('heading', { name: PRODUCTS[1]!.name }).waitFor();
  await band.ready();
  await band.taps(7);
  await expect.poll(() => band.tally()).toMatchObject({ confirmed: 5, 'sold out': 2 });
  await expect.poll(() => balcony.tally()).toMatchObject({ confirmed: 3, 'sold out': 0 });
  await expect.poll(() => balcony.totals()).toEqual([3, 9]);
  await expect.poll(() => band.totals()).toEqual([5, 0]);
  const sold = await Promise.all(
    IDS.map(async (id) => (await readState(presenter, id)).lanes.safe?.acknowledged),
  );
  expect(sold).toEqual([3, 5, 0]);
  await shoot(band.page, 'phone-long-name');
});

it('keeps the tickets of every product when a phone goes and comes back', async () => {
  await band.page.getByRole('button', { name: 'Balcony seat' }).tap();
  await band.page.getByRole('heading', { name: 'Balcony seat' }).waitFor();
  await band.page.getByText('Nothing yet. Tap the button.').waitFor();
  await expect.poll(() => band.totals()).toEqual([3, 9]);
  await band.page.getByRole('button', { name: PRODUCTS[1]!.name }).tap();
  await expect.poll(async () => (await band.tally()).confirmed).toBe(5);
});

it('shows on stage the product that the presenter picks, by key or on the control screen', async () => {
  const { stage, control } = presenter;
  await presenter.turnsTo(2);
  await expectOneTruth(presenter, IDS[0], 'safe');
  await stage.keyboard.press('2');
  await stage.getByRole('heading', { name: PRODUCTS[1]!.name }).waitFor();
  expect((await expectOneTruth(presenter, IDS[1], 'safe')).acknowledged).toBe(5);
  await shoot(stage, 'stage-long-name');
  await control.getByRole('heading', { name: `Lane of ${PRODUCTS[1]!.name}` }).waitFor();
  await shoot(control, 'control-long-name');
  await control.getByRole('button', { name: 'Vinyl' }).click();
  await stage.getByRole('heading', { name: 'Vinyl' }).waitFor();
  expect((await expectOneTruth(presenter, IDS[2], 'safe')).acknowledged).toBe(0);
  await shoot(stage, 'stage-two-thousand');
});

it('fits control and stage into the hand of a presenter who has only a phone', async () => {
  const { stage, control } = presenter;
  await stage.keyboard.press('2');
  await control.getByRole('heading', { name: `Lane of ${PRODUCTS[1]!.name}` }).waitFor();
  for (const page of [stage, control]) {
    const size = page.viewportSize();
    await page.setViewportSize(SCREENS.phone);
    await expectNoSidewaysScroll(page);
    await shoot(page, `${page === stage ? 'stage' : 'control'}-on-a-phone`, true);
    if (size) await page.setViewportSize(size);
  }
  await stage.keyboard.press('3');
  await control.getByRole('heading', { name: 'Lane of Vinyl' }).waitFor();
});

it('switches the lane of one product and of no other', async () => {
  await presenter.switchTo('eventual');
  const modes = await Promise.all(IDS.map(async (id) => (await readState(presenter, id)).mode));
  expect(modes).toEqual(['safe', 'safe', 'eventual']);
  await balcony.shows('safe');
});

it('turns the page of the script in every room of the show, and holds each where a step begins on a GO', async () => {
  const step = (await readState(presenter, IDS[2])).step;
  await presenter.stage.keyboard.press('PageDown');
  await expect
    .poll(() => Promise.all(IDS.map(async (id) => (await readState(presenter, id)).step)))
    .toEqual([step + 1, step + 1, step + 1]);
  const holds = async () => Promise.all(IDS.map(async (id) => (await readState(presenter, id)).hold?.goAtMs));
  await expect.poll(holds).toEqual([null, null, null]);
});
