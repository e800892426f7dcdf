/**
 * A phone in every state that it can be in, on the smallest screen and on an ordinary one, in both languages: nothing lies over
 * anything, is cut, or is out of reach, and what stands there is true. Longer than other files: one show is played from its GO to
 * its end, because most states follow from what came before.
 */
import { readFileSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Proxy } from '../faults/support/proxy.ts';
import { expectAccessible } from './support/axe.ts';
import { Between } from './support/between.ts';
import { hearCanvases, misplaced } from './support/boxes.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { readLog, readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const SKU = 'standing-ticket-for-the-late';
const PRODUCTS = [
  'Standing ticket for the late show on Saturday night',
  'Meet and greet with the whole band',
  'Poster, signed',
  'Balcony',
  'Kaffee und Kuchen in der Pause',
].map((name) => ({ name, capacity: 40, unitPrice: 1249.5 }));
const SIZES = [SCREENS.phone, SCREENS.smallPhone];
/** Into the last three minutes of a session, of which it has twenty. */
const LATE = '17:40';

let venue: Venue;
let network: Proxy;
let presenter: Presenter;
let english: Phone;
/** Reads German, and asked for no motion. */
let german: Phone;

const both = () => [english, german];
const pages = () => both().map(({ page }) => page);

beforeAll(async () => {
  network = await Proxy.to(inject('host').port);
  venue = await Venue.open({ port: Number(new URL(network.url).port) });
  // Connections are cut here, and pages say so.
  venue.expects(/ERR_(CONNECTION|EMPTY|SOCKET|INTERNET)|WebSocket/);
  presenter = await Presenter.opens(venue, inject('host').debugToken, PRODUCTS);
  english = await comes('phone', {});
  german = await comes('German phone', { locale: 'de-AT', reducedMotion: 'reduce' });
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(async () => {
  await venue.close();
  await network.close();
});

/** A phone in the show that notes each buzz and each picture that is shared. */
async function comes(who: string, options: Parameters<Venue['phone']>[0]): Promise<Phone> {
  const context = await venue.phone({ viewport: SCREENS.smallPhone, ...options });
  await hearCanvases(context);
  await noteBuzzes(context);
  const phone = new Phone(await venue.page(context, who));
  await phone.joinsByLink(presenter.code);
  return phone;
}

/** Both phones, on both screens: nothing is misplaced, and the button is where a thumb finds it. */
async function expectPlaced(state: string, of: readonly Phone[] = both(), hasButton = true): Promise<void> {
  for (const [place, phone] of of.entries()) {
    const { page } = phone;
    for (const size of SIZES) {
      await page.setViewportSize(size);
      const name = `${state}-${size.width}-${place === 0 ? 'en' : 'de'}`;
      await expect.poll(() => misplaced(page), { message: name }).toEqual([]);
      if (hasButton)
        await expect.poll(() => reach(phone), { message: `${name}: the button in reach` }).toBe(true);
      await shoot(page, `phone-${name}`);
    }
  }
}

async function reach({ button, page }: Phone): Promise<boolean> {
  const box = (await button.boundingBox())!;
  return box.height >= 96 && box.y >= 0 && box.y + box.height <= page.viewportSize()!.height;
}

it('waits for the GO, and counts down to it', async () => {
  const { stage } = presenter;
  await stage.bringToFront();
  await stage.keyboard.press('h');
  await english.page.getByText('Nothing is sold before the GO.').waitFor();
  await german.page.getByText('Vor dem GO wird nichts verkauft.').waitFor();
  await expectPlaced('held');
  await expectAccessible(english.page, 'held');
  await stage.keyboard.press('h');
  for (const { page, button } of both()) {
    await expect.poll(() => button.innerText()).toMatch(/^[123]\b/);
    expect(await misplaced(page), 'while it counts down').toEqual([]);
  }
  await english.page.getByText('Nothing yet. Tap the button.').waitFor();
  await expectPlaced('nothing-yet');
});

it('tells the time of each lane by itself', async () => {
  await presenter.switchTo('both');
  for (const phone of both()) {
    await phone.shows('both');
    await phone.taps(1);
    await expect.poll(async () => (await timesOf(phone)).filter(({ ms }) => ms > 0).length).toBe(2);
    const times = await timesOf(phone);
    const of = (lane: string) => times.find((row) => row.lane === lane)?.ms ?? NaN;
    // The one pauses for 100 ms between reading and writing; the other waits for nobody.
    expect(of('eventual')).toBeGreaterThanOrEqual(100);
    expect(of('safe')).toBeLessThan(of('eventual'));
  }
});

it('buys, and says to slow down where that is what it would have to do', async () => {
  await presenter.switchTo('safe');
  for (const phone of both()) {
    await phone.shows('safe');
    await phone.taps(3);
    await expect.poll(async () => (await phone.tally())['on their way']).toBe(0);
  }
  await expectPlaced('buying');
  const slow = english.page.getByRole('button', { name: /Slow down\s+try again in 1 s/ });
  await english.button.evaluate((button: HTMLButtonElement) => {
    for (let tap = 0; tap < 30; tap += 1) button.click();
  });
  await slow.waitFor();
  expect(await misplaced(english.page), 'while it says to slow down').toEqual([]);
  await slow.waitFor({ state: 'detached' });
});

it('is sold out', async () => {
  await presenter.rush(50);
  await english.page.getByText('tap all you like: the answer stays no').waitFor();
  await german.page.getByText('tippe, so viel du willst: es bleibt beim Nein').waitFor();
  for (const phone of both()) {
    await phone.taps(2);
    await phone.page.getByText(/\d × (sold out|ausverkauft)/).waitFor();
  }
  await expectPlaced('sold-out');
});

it('says of each lane what is held and what was overwritten, as the log has it', async () => {
  await presenter.switchTo('both');
  for (const phone of both()) await phone.shows('both');
  const lost = async () => Math.min(...(await Promise.all(both().map(lossOf))));
  await expect
    .poll(
      async () => {
        await Promise.all(both().map((phone) => phone.taps(4)));
        return lost();
      },
      { timeout: 45_000, interval: 300 },
    )
    .toBeGreaterThan(0);
  await presenter.rush(50);
  for (const phone of both()) await expect.poll(() => openOf(phone)).toBe(0);
  await expect.poll(async () => (await readState(presenter, SKU)).lanes.eventual?.inFlight).toBe(0);
  const log = await readLog(presenter, SKU);
  for (const [place, phone] of both().entries()) {
    const label = await phone.label();
    for (const lane of ['safe', 'eventual'] as const) {
      const sum = (kind: 'allocated' | 'lost' | 'restored') =>
        log.reduce(
          (n, event) =>
            event.kind === kind && event.body.who === label && event.body.lane === lane
              ? n + event.body.units
              : n,
          0,
        );
      const gone = sum('lost') - sum('restored');
      const words = phone.page.locator(`.verdicts > [data-tone="${lane}"]`);
      const [holds, was] = place === 0 ? ['You hold', 'overwritten'] : ['Du hast', 'überschrieben'];
      await words.getByText(`${holds} ${sum('allocated') - gone}.`).waitFor();
      if (gone > 0) await words.getByText(new RegExp(`^${gone} .*${was}\\.$`)).waitFor();
      else expect(await words.getByText(was).count()).toBe(0);
    }
  }
  await expectPlaced('both');
  await expectAccessible(english.page, 'a verdict of both lanes');
});

it('buzzed when units were overwritten, and not for whoever asked for no motion', async () => {
  const [heard, calm] = await Promise.all(pages().map(buzzes));
  expect(heard!.filter(Array.isArray).length).toBeGreaterThan(0);
  expect(calm!.filter(Array.isArray)).toEqual([]);
});

it('has room for a question, its answer and what came of it', async () => {
  const { control } = presenter;
  await control.getByRole('button', { name: /^Ask: sold on the safe lane/ }).click();
  for (const page of pages()) await page.getByRole('slider').waitFor();
  await expectPlaced('asked');
  await english.page.getByRole('button', { name: 'Send my guess' }).tap();
  await german.page.getByRole('button', { name: 'Absenden' }).tap();
  for (const page of pages()) await page.locator('.said').waitFor();
  await expectPlaced('answered');
  await control.getByRole('button', { name: 'Close and show the answers' }).click();
  for (const page of pages()) await page.locator('.guess dl').waitFor();
  await expectPlaced('guess-result');
  await expectAccessible(english.page, 'the result of a guess');
});

it('opens what is kept about its owner over all of it', async () => {
  for (const page of pages()) {
    await page.locator('button.who').tap();
    await page.getByRole('dialog').locator('dl').waitFor();
  }
  await expectPlaced('kept', both(), false);
  for (const page of pages()) {
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
});

it('looks for the room when its connection is cut, and comes back', async () => {
  network.goDown();
  try {
    for (const phone of both())
      await expect.poll(() => phone.connection()).toMatch(/^(reconnecting|verbindet neu)$/);
    await expectPlaced('reconnecting');
  } finally {
    network.answer();
  }
  for (const phone of both()) await phone.ready();
});

it('says that its device has no network', async () => {
  for (const page of pages()) await page.context().setOffline(true);
  network.reset();
  for (const phone of both()) await expect.poll(() => phone.connection()).toMatch(/^(no network|kein Netz)$/);
  await expectPlaced('offline');
  for (const page of pages()) await page.context().setOffline(false);
  for (const phone of both()) await phone.ready();
});

it('says how it goes on in a network that lets no live connection through', async () => {
  const between = await Between.open(inject('host').port);
  between.everybody.upgrades = 426;
  const elsewhere = await Venue.open(between);
  try {
    for (const [locale, words] of [
      ['en-US', 'This network blocks live connections'],
      ['de-AT', 'Dieses Netz sperrt Live-Verbindungen'],
    ] as const) {
      const context = await elsewhere.phone({ locale, viewport: SCREENS.smallPhone });
      const phone = new Phone(await elsewhere.page(context, 'phone'));
      await phone.page.goto(`/j/${presenter.code}`);
      await phone.page.getByText(words).waitFor();
      await expectPlaced(`no-socket-${locale}`, [phone]);
    }
  } finally {
    await elsewhere.close();
    between.close();
  }
});

it('says that its session ends, over everything else that it has to say', async () => {
  const context = await venue.phone({ viewport: SCREENS.smallPhone, locale: 'de-AT' });
  const phone = new Phone(await venue.page(context, 'late phone'));
  await phone.page.clock.install();
  await phone.joinsByLink(presenter.code);
  const { closesAt } = await readState(presenter, SKU);
  const extended = async () => {
    await presenter.control.getByRole('button', { name: 'Renew' }).click();
    return (await readState(presenter, SKU)).closesAt - closesAt;
  };
  // Well beyond the second up to which both ends count as the same.
  await expect.poll(extended, { interval: 500 }).toBeGreaterThan(3_000);
  venue.expects(/late phone: .*ERR_FAILED/);
  await phone.page.route('**/api/auth/renew', (route) => route.abort());
  await phone.page.clock.fastForward(LATE);
  await phone.page.getByText('Deine Sitzung endet in').waitFor();
  await expectPlaced('session-ends', [phone]);
  await context.close();
});

it('starts again after a reset, and holds nothing of before', async () => {
  const { control } = presenter;
  await control.getByRole('button', { name: 'Put it away' }).click();
  for (const page of pages()) await page.locator('.guess').waitFor({ state: 'detached' });
  await control.getByRole('button', { name: 'Reset…' }).click();
  await control
    .getByRole('dialog', { name: 'Reset the show?' })
    .getByRole('button', { name: 'Reset' })
    .click();
  await english.page.getByText('The presenter reset the stock.').waitFor();
  await english.page.getByText('Nothing yet. Tap the button.').waitFor();
  await german.page.getByText('Frühere Tickets sind weg').waitFor();
  await expectPlaced('reset');
  await Promise.all(both().map((phone) => phone.taps(6)));
  for (const phone of both()) await expect.poll(() => openOf(phone)).toBe(0);
});

it('offers its tickets as a picture in the last step, and saves it where nothing can be shared', async () => {
  expect(await english.page.getByRole('button', { name: 'My tickets as a picture' }).count()).toBe(0);
  await presenter.turnsTo(6);
  await english.page.getByRole('button', { name: 'My tickets as a picture' }).tap();
  const sheet = english.page.getByRole('dialog', { name: 'My tickets' });
  const downloaded = english.page.waitForEvent('download');
  await sheet.getByRole('button', { name: 'Save the picture' }).tap();
  const download = await downloaded;
  const label = await english.label();
  expect(download.suggestedFilename()).toBe(`tickets-${presenter.code}-${label}.png`);
  expect(isPng(readFileSync(await download.path()))).toBe(true);
  await expectPlaced('picture-so-far', [english], false);
  await expectAccessible(english.page, 'the picture of the tickets');
  await sheet.getByRole('button', { name: 'Back to the show' }).tap();
  await sheet.waitFor({ state: 'detached' });
});

it('keeps its verdict when the show is over, and shares the tickets of all products as a picture', async () => {
  venue.expects(/(control|stage): .*status of 410/);
  const { control } = presenter;
  for (const page of pages()) {
    const pills = page.getByRole('navigation').getByRole('button');
    await pills.nth(2).tap();
    await new Phone(page).ready();
    await new Phone(page).taps(2);
    await page
      .getByText(/(You hold|Du hast) [1-4]\./)
      .first()
      .waitFor();
    await pills.nth(0).tap();
    await new Phone(page).ready();
  }
  await control.getByRole('button', { name: 'End the show…' }).click();
  await control.getByRole('button', { name: 'End it for everybody' }).click();
  await english.page.getByRole('heading', { name: 'This show is over' }).waitFor();
  await german.page.getByRole('heading', { name: 'Diese Show ist vorbei' }).waitFor();
  await expectPlaced('ended', both(), false);
  await expectAccessible(english.page, 'the end');
  await german.page.evaluate(canShareFiles);
  await german.page.getByRole('button', { name: 'Meine Tickets als Bild' }).tap();
  await german.page.getByRole('button', { name: 'Bild teilen' }).tap();
  await expect
    .poll(() => german.page.evaluate(sharedFiles))
    .toEqual([
      { name: `tickets-${presenter.code}-${await german.label()}.png`, type: 'image/png', isPng: true },
    ]);
  await english.page.getByRole('button', { name: 'My tickets as a picture' }).tap();
  await english.page.getByRole('button', { name: 'Save the picture' }).waitFor();
  const picture = english.page.getByRole('dialog').getByRole('img');
  await expect
    .poll(() => picture.getAttribute('aria-label'))
    .toMatch(/^Standing .*You hold .*Poster, signed/);
  expect(await picture.getAttribute('aria-label')).not.toContain('Balcony');
  await expectPlaced('picture', both(), false);
});

/** The answer times in the list, milliseconds, each with its lane; 0 before there is one. */
function timesOf({ page }: Phone): Promise<{ lane: string; ms: number }[]> {
  return page.locator('section[aria-labelledby="mine"] li').evaluateAll((rows) =>
    rows.map((row) => ({
      lane: row.querySelector('.lane')?.textContent?.trim() ?? '',
      ms: Number(/(\d+) ms/.exec(row.textContent ?? '')?.[1] ?? 0),
    })),
  );
}

async function lossOf(phone: Phone): Promise<number> {
  const text = await phone.page.locator('.verdicts').innerText();
  return Number(/(\d+) (?:was|were|wurde|wurden)\s(?:over|über)/.exec(text)?.[1] ?? 0);
}

async function openOf(phone: Phone): Promise<number> {
  const text = await phone.page.locator('section[aria-labelledby="mine"]').innerText();
  return Number(/(\d+) (?:on their way|unterwegs)/.exec(text)?.[1] ?? 0);
}

/** Has a phone's pages note what they vibrate. */
async function noteBuzzes(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const noted: VibratePattern[] = [];
    Object.assign(window, { noted });
    navigator.vibrate = (pattern) => noted.push(pattern as VibratePattern) > 0;
  });
}

function buzzes(page: Page): Promise<VibratePattern[]> {
  return page.evaluate(() => (window as unknown as { noted: VibratePattern[] }).noted);
}

/** In the page: it can share files, as phones do over https; what was shared is kept. */
function canShareFiles(): void {
  const shared: File[] = [];
  Object.assign(window, { shared });
  Object.assign(navigator, {
    canShare: () => true,
    share: ({ files = [] }: ShareData) => Promise.resolve(void shared.push(...files)),
  });
}

function sharedFiles(): Promise<{ name: string; type: string; isPng: boolean }[]> {
  const { shared } = window as unknown as { shared: File[] };
  return Promise.all(
    shared.map(async (file) => {
      const [, ...letters] = new Uint8Array(await file.slice(0, 4).arrayBuffer());
      return { name: file.name, type: file.type, isPng: String.fromCharCode(...letters) === 'PNG' };
    }),
  );
}

function isPng(file: Buffer): boolean {
  return file.subarray(1, 4).toString('latin1') === 'PNG';
}
