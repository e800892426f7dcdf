/** The ways out of a show, and what people are told: nobody is left in front of a button that does nothing. */
import type { ShowSummary } from '#lib/summary/show-summary.ts';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { readState } from './support/truth.ts';
import { Venue } from './support/venue.ts';

const SKU = 'matinee';

let venue: Venue;
let presenter: Presenter;
let leaving: Phone;
let staying: Phone;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Matinee', capacity: 10, unitPrice: 20 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  leaving = new Phone(await venue.page(await venue.phone(), 'leaving phone'));
  staying = new Phone(await venue.page(await venue.phone(), 'staying phone'));
  await leaving.joinsByLink(presenter.code);
  await staying.joinsByLink(presenter.code);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('shows a phone what is kept about it, as it is stored', async () => {
  await leaving.page.locator('button.who').tap();
  const sheet = leaving.page.getByRole('dialog');
  await sheet.getByText('sessionId').waitFor();
  await sheet.getByText('a random number for this visit').waitFor();
  await shoot(leaving.page, 'phone-what-is-kept');
});

it('lets a phone leave, and says so; the room counts one less and nobody came in its place', async () => {
  await leaving.page.getByRole('button', { name: 'Leave the show' }).tap();
  await leaving.page.getByRole('heading', { name: 'You have left the show' }).waitFor();
  expect(await leaving.button.count()).toBe(0);
  await expect.poll(async () => (await readState(presenter, SKU)).people.phones).toBe(1);
  await shoot(leaving.page, 'phone-left');
  await leaving.page.getByRole('button', { name: 'Come back in' }).tap();
  await leaving.ready();
  await expect.poll(async () => (await readState(presenter, SKU)).people.phones).toBe(2);
});

it('tells every phone and the stage when the presenter ends the show; tickets stay to be read', async () => {
  const { control, stage } = presenter;
  await staying.taps(2);
  await expect.poll(() => staying.tally()).toMatchObject({ confirmed: 2 });
  await control.getByRole('button', { name: 'End the show…' }).click();
  const question = control.getByRole('dialog', { name: 'End the show?' });
  await question.getByText('This cannot be taken back.').waitFor();
  await shoot(control, 'control-end-question');
  await question.getByRole('button', { name: 'End it for everybody' }).click();
  await control.waitForURL(`${venue.url}/show/${presenter.code}`);
  for (const phone of [leaving, staying]) {
    await phone.page.getByRole('heading', { name: 'This show is over' }).waitFor();
    await phone.page.getByRole('button', { name: 'Show is over' }).waitFor();
    await phone.taps(1);
  }
  expect(await staying.tally()).toMatchObject({ confirmed: 2, 'on their way': 0 });
  await stage.getByText('This show has ended.').first().waitFor();
  await shoot(staying.page, 'phone-show-over');
  await shoot(stage, 'stage-show-over');
});

it('tells who comes late, or comes back, that the show is over', async () => {
  venue.expects(/(late|staying) phone: .*status of 410/);
  const late = await venue.page(await venue.phone(), 'late phone');
  await late.goto(`/j/${presenter.code}`);
  await late.getByRole('heading', { name: 'This show is over' }).waitFor();
  await shoot(late, 'phone-late');
  await staying.page.reload();
  await staying.page.getByRole('heading', { name: 'This show is over' }).waitFor();
  await expect.poll(() => staying.tally()).toMatchObject({ confirmed: 2, 'on their way': 0 });
  await shoot(staying.page, 'phone-show-over-reloaded');
});

it('shows how it ended also when taps were in flight: on the stage, on phones, and after a reload', async () => {
  venue.expects(/waiting phone: .*status of 410/);
  const product = { name: 'Late show', capacity: 3, unitPrice: 20 };
  const other = await Presenter.opens(venue, inject('host').debugToken, [product]);
  const waiting = new Phone(await venue.page(await venue.phone(), 'waiting phone'));
  await waiting.joinsByLink(other.code);
  await other.switchTo('eventual');
  await waiting.shows('eventual');
  // The last of them are still in flight when the show ends.
  await waiting.taps(4);
  const ended = await other.control.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch('/api/auth/end', { method: 'POST', headers, body: '{}' })).status;
  });
  expect(ended).toBe(200);
  await waiting.page.getByRole('heading', { name: 'This show is over' }).waitFor();
  await other.stage.getByText('What you see is how it ended.').waitFor();
  await expect.poll(async () => (await waiting.tally())['on their way']).toBe(0);
  const summary = await fetch(`http://127.0.0.1:${inject('host').port}/api/demo/summary?show=${other.code}`);
  const { data } = (await summary.json()) as { data: ShowSummary };
  const { ops, acknowledged } = data.rooms[0]!.epochs.at(-1)!.lanes.eventual!;
  expect(ops).toBeGreaterThan(0);
  const told = await waiting.tally();
  expect(told.confirmed + told.overwritten).toBe(acknowledged);
  expect(await other.stage.locator('.stage .top').innerText()).not.toMatch(/[1-9]\d* in flight/);
  await waiting.page.reload();
  await waiting.page.getByRole('heading', { name: 'This show is over' }).waitFor();
  await expect.poll(() => waiting.tally()).toEqual({ ...told, 'sold out': 0 });
});
