/** A session that is about to run out: the phone renews it by itself, and says so with one button when it cannot. */
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

/** Into the last three minutes of a session, of which it has twenty. */
const LATE = '17:40';

let venue: Venue;
let presenter: Presenter;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Late show', capacity: 10, unitPrice: 20 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('says that the session ends before the show when it could not be renewed, and stays in with one tap', async () => {
  const context = await venue.phone({ viewport: SCREENS.smallPhone });
  const phone = new Phone(await venue.page(context, 'phone'));
  const { page } = phone;
  await page.clock.install();
  await phone.joinsByLink(presenter.code);
  // A participant's session never outlives the show: only a show that was extended leaves it behind.
  const { closesAt } = await readState(presenter, 'late-show');
  const extended = async () => {
    // A show that was opened less than a second ago is extended by less.
    await presenter.control.getByRole('button', { name: 'Renew' }).click();
    return (await readState(presenter, 'late-show')).closesAt - closesAt;
  };
  await expect.poll(extended, { interval: 500 }).toBeGreaterThan(1_000);

  venue.expects(/phone: .*ERR_FAILED/);
  await page.route('**/api/auth/renew', (route) => route.abort());
  await page.clock.fastForward(LATE);
  await page.getByText(/Your session ends in 2:\d\d\.\s+Renewing it did not work yet\./).waitFor();
  await expectNoSidewaysScroll(page);
  await shoot(page, 'small-phone-session-ends');
  await page.unroute('**/api/auth/renew');
  await page.getByRole('button', { name: 'Stay in' }).tap();
  await page.getByText('Your session ends in').waitFor({ state: 'detached' });
  await phone.ready();
});
