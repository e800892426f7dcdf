/** Figures are whole on every screen: none is cut, lies over another or hides a way on, whatever was sold and however it is named. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { hearCanvases, misplaced } from './support/boxes.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { keep, pagesOf } from './support/take-home.ts';
import { readState } from './support/truth.ts';
import { SCREENS, Venue, WITHIN_MS } from './support/venue.ts';

const poll = { timeout: WITHIN_MS };
/** A small laptop's window, and a projector. */
const STAGES = [{ width: 960, height: 540 }, SCREENS.stage];

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
    await expect.poll(() => misplaced(stage), { ...poll, message: `${name}, ${size.width} px` }).toEqual([]);
    await shoot(stage, `boxes-${name}-${size.width}`);
  }
}

async function expectPhone(page: Page, name: string): Promise<void> {
  await expect.poll(() => misplaced(page), { ...poll, message: name }).toEqual([]);
  await shoot(page, `boxes-${name}`);
}

async function settled(presenter: Presenter, sku: string): Promise<void> {
  await expect.poll(async () => (await readState(presenter, sku)).lanes.eventual.inFlight, poll).toBe(0);
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
    for (const mode of ['safe', 'eventual', 'both'] as const) {
      await presenter.switchTo(mode);
      await stage.keyboard.press('PageDown');
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
    await stage.keyboard.press('PageDown');
    for (const mode of ['safe', 'eventual', 'both'] as const) {
      await presenter.switchTo(mode);
      await presenter.rush(50);
      await expectStage(stage, `stage-5-${mode}`);
    }
    await stage.getByText('Guardrail tripped').waitFor();
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
        .poll(() => shown.innerText(), poll)
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
        .poll(() => phone.page.getByRole('heading', { level: 1 }).innerText(), poll)
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
      await stage.keyboard.press('PageDown');
      await control.getByRole('button', { name: /^Ask: sold on the safe lane/ }).click();
      await phone.page.getByRole('button', { name: 'Say it' }).tap();
      await control.getByRole('button', { name: 'Close and show the answers' }).click();
      await phone.page.getByText('room said').waitFor();
      await expectPhone(phone.page, 'phone-guess-320');
      await control.getByRole('button', { name: 'Trip by hand' }).click();
      await stage.getByText('Guardrail tripped').waitFor();
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
        .poll(() => stage.getByText(/join at|phones? in/).count(), {
          ...poll,
          message: 'nobody can join any more',
        })
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
