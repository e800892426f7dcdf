/** The race as README.md shows it: played for this picture, on a real server, at its own pace. The crowd is simulated, and marked. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { endOfMotion } from '../e2e/support/lost.ts';
import { Phone } from '../e2e/support/phone.ts';
import { Presenter } from '../e2e/support/presenter.ts';
import { fileFrom } from '../e2e/support/take-home.ts';
import { readState } from '../e2e/support/truth.ts';
import { Venue } from '../e2e/support/venue.ts';
import { movingPicture, record, small } from './recording.ts';

const SKU = 'concert-ticket';
const LASTS_MS = 20_000;
const WIDTH_PX = 800;
/** A page that loads slowly is no picture of the product, bytes. */
const MOST_BYTES = 1_500_000;
/** How long the room is looked at before its GO, and the race before its lost update, milliseconds: as a presenter would. */
const BEFORE_MS = 1_500;
const RACE_UNTIL_MS = 13_500;

let venue: Venue;
let presenter: Presenter;
let phones: Phone[];

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Concert ticket', capacity: 100, unitPrice: 150 };
  presenter = await Presenter.opensHeld(venue, inject('host').debugToken, [product]);
  phones = [];
  for (const who of ['first', 'second', 'third']) {
    const phone = new Phone(await venue.page(await venue.phone(), `${who} phone`));
    await phone.joinsByLink(presenter.code);
    phones.push(phone);
  }
  await presenter.turnsTo(3);
  await presenter.switchTo('both');
});
afterAll(() => venue.close());

const save = (name: string, bytes: Buffer) => writeFileSync(join(ROOT, 'docs', 'screenshots', name), bytes);
const shoot = async (page: Page, name: string) => save(name, await small(await page.screenshot()));

it('is twenty seconds of the stage, and small', async () => {
  const { stage } = presenter;
  await stage.bringToFront();
  const beganMs = performance.now();
  const passed = () => performance.now() - beganMs;
  const stop = await record(stage);
  await pause(BEFORE_MS);
  await presenter.givesGo();
  await presenter.sendCrowd(50);
  while (passed() < RACE_UNTIL_MS) await Promise.all(phones.map((phone) => phone.taps(2)));
  await shoot(stage, 'stage.png');
  await stage.keyboard.press('m');
  await pause(LASTS_MS - passed());
  const picture = await movingPicture(await stop(), LASTS_MS, WIDTH_PX);
  const { pages = 0, delay = [] } = await sharp(picture, { animated: true }).metadata();
  console.log(`${pages} frames, ${picture.length} bytes`);
  expect(delay.reduce((sum, ms) => sum + ms, 0)).toBe(LASTS_MS);
  expect(picture.length).toBeLessThan(MOST_BYTES);
  const { lanes } = await readState(presenter, SKU);
  expect(lanes.eventual?.oversellDelta).toBeGreaterThan(0);
  save('race.webp', picture);

  await endOfMotion(stage);
  await shoot(stage, 'slow-motion.png');
  await shoot(presenter.control, 'control.png');
});

it('has the card of the same show beside it', async () => {
  const page = await venue.window(presenter.control, 'summary');
  await page.goto(`/show/${presenter.code}`);
  const { bytes } = await fileFrom(page, page.getByRole('button', { name: 'Card, PNG' }));
  save('card.png', await small(bytes));
});
