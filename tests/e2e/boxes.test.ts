/** Figures are whole on every screen: none is cut, lies over another or hides a way on, whatever was sold and however it is named. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { hearCanvases, misplaced } from './support/boxes.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { keep, pagesOf } from './support/take-home.ts';
import { readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

/** A phone held up as a stage, a small laptop's window, and a projector. */
const STAGES = [SCREENS.smallPhone, { width: 960, height: 540 }, SCREENS.stage];
/** Widths of the screens in a room. */
const WIDTHS = [320, 390, 960, 1280, 1920];

let venue: Venue;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

/** Every size of a stage: nothing on it is misplaced. */
async function expectStage(stage: Page, name: string): Promise<void> {
  for (const size of STAGES) {
    await stage.setViewportSize(size);
    await expect.poll(() => misplaced(stage), { message: `${name}, ${size.width} px` }).toEqual([]);
    await shoot(stage, `boxes-${name}-${size.width}`);
  }
}

async function expectPhone(page: Page, name: string): Promise<void> {
  await expect.poll(() => misplaced(page), { message: name }).toEqual([]);
  await shoot(page, `boxes-${name}`);
}

async function settled(presenter: Presenter, sku: string): Promise<void> {
  await expect.poll(async () => (await readState(presenter, sku)).lanes.eventual?.inFlight).toBe(0);
}

describe('a show of 100,000 units', () => {
  let presenter: Presenter;

  beforeAll(async () => {
    const product = { name: 'Stadium', capacity: 100_000, unitPrice: 1249.5 };
    presenter = await Presenter.opens(venue, inject('host').debugToken, [product], hearCanvases);
  });

  it('has room for its figures on stage, before and after they were sold', { timeout: 120_000 }, async () => {
    const { control, stage } = presenter;
    await expectStage(stage, 'lobby-100000');
    await control.getByLabel('shoppers,').fill('50');
    for (const [place, mode] of (['safe', 'eventual', 'both'] as const).entries()) {
      await presenter.turnsTo(place + 2);
      await presenter.switchTo(mode);
      await presenter.rush(200);
      await settled(presenter, 'stadium');
      await expectStage(stage, `stage-100000-${mode}`);
    }
  });

  it('has room for them on phones and on the control screen', async () => {
    for (const viewport of [SCREENS.phone, SCREENS.smallPhone]) {
      const phone = new Phone(await venue.page(await venue.phone({ viewport }), 'phone'));
      await phone.joinsByLink(presenter.code);
      await phone.taps(2);
      await expectPhone(phone.page, `phone-100000-${viewport.width}`);
      await phone.page.context().close();
    }
    await expectPhone(presenter.control, 'control-100000');
  });
});

describe('a show of five products, with names of all kinds', () => {
  const NAMES = [
    'Meet and greet with the whole band after the second evening',
    'تذكرة حفلة الافتتاح الكبرى في المسرح الوطني الجديد',
    'A\u202eB\u2069\u202eC',
    'Poster, signed',
    'כרטיס לערב הפתיחה',
  ];
  let presenter: Presenter;

  beforeAll(async () => {
    const products = NAMES.map((name) => ({ name, capacity: 20, unitPrice: 150 }));
    presenter = await Presenter.opens(venue, inject('host').debugToken, products, hearCanvases);
  });

  it('keeps code and figures whole on the smallest stage', { timeout: 90_000 }, async () => {
    const { stage } = presenter;
    await expectStage(stage, 'lobby-5');
    await presenter.turnsTo(2);
    for (const mode of ['safe', 'eventual', 'both'] as const) {
      await presenter.switchTo(mode);
      await presenter.rush(50);
      await expectStage(stage, `stage-5-${mode}`);
    }
    await stage
      .locator('.banner')
      .getByText(/^Guardrail: /)
      .waitFor();
    await presenter.control.getByRole('button', { name: /^Ask: sold on the eventual lane/ }).click();
    await expectStage(stage, 'stage-5-asked');
    await presenter.control.getByRole('button', { name: 'Close and show the answers' }).click();
    for (const mode of ['both', 'eventual'] as const) {
      await presenter.switchTo(mode);
      await expectStage(stage, `stage-5-guessed-${mode}`);
    }
  });

  it('reads every name in its own direction, and nothing else with it', async () => {
    const { control, stage } = presenter;
    // The control screen follows from product to product, faster than it connects.
    venue.expects(/WebSocket is closed before the connection is established/);
    for (const place of NAMES.keys()) {
      await stage.keyboard.press(String(place + 1));
      const shown = stage.locator('h1 .name');
      await expect
        .poll(() => shown.innerText())
        .toBe(NAMES[place]?.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, ''));
      expect(await readsForward(stage.locator('h1 .price')), 'the price behind the name').toBe(true);
      const isArabic = /\p{Script=Arabic}|\p{Script=Hebrew}/u.test(NAMES[place] ?? '');
      expect(await shown.evaluate((name) => getComputedStyle(name).direction)).toBe(isArabic ? 'rtl' : 'ltr');
    }
    await shoot(stage, 'boxes-names-stage');
    const phone = new Phone(await venue.page(await venue.phone(), 'phone'));
    await phone.joinsByLink(presenter.code);
    const pills = phone.page.getByRole('navigation', { name: 'Products' }).getByRole('button');
    for (const [place, name] of NAMES.entries()) {
      await pills.nth(place).tap();
      await phone.ready();
      await expect
        .poll(() => phone.page.getByRole('heading', { level: 1 }).innerText())
        .toBe(name.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, ''));
    }
    await expectPhone(phone.page, 'phone-5');
    await control.bringToFront();
    await phone.page.context().close();
  });

  it('is printed on few pages, two products to each', async () => {
    const paper = await venue.window(presenter.control, 'paper');
    await paper.goto(`/show/${presenter.code}`);
    await paper.getByText('Still running.').waitFor();
    await paper.emulateMedia({ media: 'print', colorScheme: 'light' });
    await paper.setViewportSize({ width: 703, height: 1_032 });
    await paper.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await paper.screenshot({ path: join(ROOT, 'artifacts', 'e2e', 'boxes-paper.png'), fullPage: true });
    const pdf = await paper.pdf({ preferCSSPageSize: true });
    keep(pdf, 'boxes-paper.pdf');
    expect(pagesOf(pdf)).toBeLessThanOrEqual(4);
    await paper.close();
  });
});

describe('names of 60 letters without a space', () => {
  const NAMES = ['W'.repeat(60), 'ق'.repeat(60), '🎫'.repeat(60)];
  let presenter: Presenter;

  /** Every page of a show: at no width can it be scrolled sideways. */
  async function expectNarrow(page: Page, name: string): Promise<void> {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 844 });
      await expect(expectNoSidewaysScroll(page), `${name}, ${width} px`).resolves.toBeUndefined();
      await shoot(page, `boxes-name-${name}-${width}`);
    }
  }

  it('are wrapped or end in dots on every page of a show', { timeout: 120_000 }, async () => {
    const products = NAMES.map((name) => ({ name, capacity: 3, unitPrice: 1_000_000 }));
    presenter = await Presenter.opens(venue, inject('host').debugToken, products, hearCanvases);
    const { code, control, stage } = presenter;
    const ids = ['w'.repeat(28), 'product', 'product-2'];
    const phone = new Phone(await venue.page(await venue.phone(), 'phone'));
    await phone.joinsByLink(code);
    await phone.taps(1);
    await presenter.rush(10);
    const notes = await venue.window(control, 'notes');
    await notes.goto(`/control/${code}/notes`);
    await notes.getByText('Say', { exact: true }).waitFor();
    await expectNarrow(control, 'control');
    await expectNarrow(stage, 'stage');
    await expectNarrow(notes, 'notes');
    await expectNarrow(phone.page, 'phone');
    for (const size of STAGES) {
      await stage.setViewportSize(size);
      await expect.poll(() => misplaced(stage), { message: `stage, ${size.width} px` }).toEqual([]);
    }
    await notes.goto(`/show/${code}`);
    await notes.getByText('Still running.').waitFor();
    await expectNarrow(notes, 'summary');
    await notes.emulateMedia({ media: 'print', colorScheme: 'light' });
    await notes.setViewportSize({ width: 703, height: 1_032 });
    await expectNoSidewaysScroll(notes);
    await notes.emulateMedia({ media: 'screen', colorScheme: 'light' });
    for (const id of ids) {
      await notes.goto(`/verify?show=${code}&sku=${id}`);
      await notes.getByRole('heading', { name: 'What the log comes to' }).waitFor();
      await expectNarrow(notes, `verify-${id}`);
    }
    await notes.goto('/rehearsal');
    await notes.getByLabel('What is sold').fill(NAMES[0]!);
    await notes.getByRole('button', { name: 'Open the rehearsal' }).click();
    await notes.getByRole('button', { name: 'Recount from the log' }).waitFor();
    await expectNarrow(notes, 'rehearsal');
    await notes.close();
    await phone.page.context().close();
  });
});

describe('a lock that refuses while the guardrail only warns', () => {
  it('is what every screen says, with how many it refused', { timeout: 90_000 }, async () => {
    const yacht = { name: 'Yacht', capacity: 5, unitPrice: 999_999.99 };
    const presenter = await Presenter.opens(venue, inject('host').debugToken, [yacht], hearCanvases);
    const { code, control, stage } = presenter;
    await presenter.turnsTo(2);
    await presenter.switchTo('eventual');
    await presenter.rush(200);
    await settled(presenter, 'yacht');
    const { lanes, ledger, guardrail } = await readState(presenter, 'yacht');
    const refused = lanes.eventual?.refused.REAL_BUDGET_EXCEEDED ?? 0;
    expect([refused > 0, ledger.locked, guardrail.tripped]).toEqual([true, true, true]);
    for (const mode of ['eventual', 'both'] as const) {
      await presenter.switchTo(mode);
      const words = 'It only warns. The lock refuses what would pass $0.00.';
      await stage.locator('.banner').getByText(words).waitFor();
      await control.getByText(words).waitFor();
      await stage
        .getByRole('region', { name: 'eventual lane', exact: true })
        .getByText(`${refused} refused by the lock`)
        .waitFor();
      await expectStage(stage, `stage-locked-${mode}`);
    }
    expect(await stage.getByText('go on').count()).toBe(0);
    await presenter.turnsTo(6);
    await expectStage(stage, 'stage-locked-wrap');
    const notes = await venue.window(control, 'notes');
    await notes.goto(`/control/${code}/notes`);
    await notes.getByText('lock: engaged The lock refuses what would pass $0.00.').waitFor();
    await notes.goto(`/show/${code}`);
    await notes.getByText(`The lock refused ${refused} orders that would have passed it.`).waitFor();
    await notes.close();
  });
});

describe('the end of a show, on the smallest phone', () => {
  let presenter: Presenter;
  let phone: Phone;

  beforeAll(async () => {
    const product = { name: 'Curtain', capacity: 20, unitPrice: 20 };
    presenter = await Presenter.opens(venue, inject('host').debugToken, [product], hearCanvases);
    const viewport = SCREENS.smallPhone;
    phone = new Phone(await venue.page(await venue.phone({ viewport }), 'small phone'));
    await phone.joinsByLink(presenter.code);
    await phone.taps(3);
  });

  it(
    'leaves every way on within reach, and what was got in sight, also with a guess up',
    { timeout: 90_000 },
    async () => {
      venue.expects(/(control|stage): .*status of 410/);
      const { control, stage } = presenter;
      await presenter.turnsTo(2);
      await control.getByRole('button', { name: /^Ask: sold on the safe lane/ }).click();
      await phone.page.getByRole('button', { name: 'Send my guess' }).tap();
      await control.getByRole('button', { name: 'Close and show the answers' }).click();
      await phone.page.getByText('room said').waitFor();
      await expectPhone(phone.page, 'phone-guess-320');
      await control.getByRole('button', { name: 'Trip by hand' }).click();
      await stage
        .locator('.banner')
        .getByText(/^Guardrail: /)
        .waitFor();
      await control.getByRole('button', { name: 'End the show…' }).click();
      await control.getByRole('button', { name: 'End it for everybody' }).click();
      await phone.page.getByRole('heading', { name: 'This show is over' }).waitFor();
      await expectPhone(phone.page, 'phone-ended-guess-320');
      const ways = phone.page.getByRole('link');
      for (const way of await ways.all()) {
        await way.scrollIntoViewIfNeeded();
        await way.click({ trial: true });
      }
      const ticket = phone.page
        .getByRole('list', { name: /^What you got/ })
        .getByRole('listitem')
        .first();
      await ticket.scrollIntoViewIfNeeded();
      expect(await ticket.evaluate(isInSight), 'a ticket can be seen').toBe(true);
      await stage.getByText('This show has ended').first().waitFor();
      expect(await stage.getByText('sales go on').count(), 'nothing is sold any more').toBe(0);
      await expect
        .poll(() => stage.getByText(/join at|phones? in/).count(), { message: 'nobody can join any more' })
        .toBe(0);
      await expectStage(stage, 'stage-ended');
    },
  );
});

describe('a log that does not hold', () => {
  it('is told in full on a phone', async () => {
    const presenter = await Presenter.opens(venue, inject('host').debugToken, [
      { name: 'Proof', capacity: 10, unitPrice: 20 },
    ]);
    await presenter.rush(50);
    const log = await presenter.control.evaluate(async () => {
      const headers = { 'x-session-role': 'presenter' };
      return (await fetch('/api/demo/log?skuId=proof', { headers })).text();
    });
    const reader = await venue.page(await venue.phone(), 'reader');
    await reader.goto('/verify');
    const tampered = log.replace(/"units":1/, '"units":2');
    expect(tampered).not.toBe(log);
    await reader
      .locator('input[type="file"]')
      .first()
      .setInputFiles({
        name: 'tampered.ndjson',
        mimeType: 'application/x-ndjson',
        buffer: Buffer.from(tampered),
      });
    await reader.getByRole('heading', { name: /is wrong/ }).waitFor();
    await expectPhone(reader, 'verify-tampered');
    expect(await reader.locator('main').innerText()).not.toMatch(/\w·/);
  });
});

/** True when the digits of a text stand from left to right, as they were written. */
function readsForward(text: ReturnType<Page['locator']>): Promise<boolean> {
  return text.evaluate((element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    let last = -Infinity;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (let at = 0; at < (node.textContent ?? '').length; at += 1) {
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const { left, width } = range.getBoundingClientRect();
        if (width === 0) continue;
        if (left < last) return false;
        last = left;
      }
    }
    return true;
  });
}

/** True when what is in the middle of an element is the element. */
function isInSight(element: Element): boolean {
  const { left, top, width, height } = element.getBoundingClientRect();
  const there = document.elementFromPoint(left + width / 2, top + height / 2);
  return there !== null && element.contains(there);
}
