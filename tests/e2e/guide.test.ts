/** The guide: without a show it says how to get each figure; with one, its figures are those of the room. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { ofLane } from '#lib/domain/lane.ts';
import { expectAccessible } from './support/axe.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const SKU = 'gallery';
const CAPACITY = 12;
const POSTS = ['CEO', 'CFO', 'COO', 'CIO', 'CMO', 'CRO', 'CCO', 'CSO'];
/** Layout shift that nobody sees: the bound of a tenth is where browsers call a page good. */
const MOST_SHIFT = 0.02;
/** For tests that look at the whole of a long page, in both themes. */
const LONG = { timeout: 120_000 };

let venue: Venue;
let stranger: Page;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  stranger = await venue.page(await venue.device({ viewport: SCREENS.control }), 'stranger');
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

describe('without a show', () => {
  it('stands at the door, and says of each of the eight how to get the evidence', LONG, async () => {
    await stranger.goto('/');
    await stranger.getByRole('link', { name: /^The guide/ }).click();
    await stranger.waitForURL(`${venue.url}/guide`);
    await stranger.getByText('No figures yet.').waitFor();
    for (const post of POSTS) {
      const figures = stranger.locator(`#row-${post} [data-evidence]`);
      expect(await figures.count(), post).toBeGreaterThan(0);
      for (const text of await figures.allInnerTexts()) {
        expect(text).toMatch(/not measured here\. .+ Step \d of the script\./s);
      }
    }
    expect(await stranger.locator('.measured').count(), 'no measurement but the word in the legend').toBe(1);
    expect((await stranger.locator('.said').allInnerTexts()).join('').trim(), 'no verdict').toBe('');
    await shoot(stranger, 'guide-no-show', true);
    await stranger.getByRole('link', { name: 'To the door' }).click();
    await stranger.waitForURL(`${venue.url}/`);
  });

  it('says what is wrong with an address that names no show, and with a code that nobody knows', async () => {
    await stranger.goto('/guide?show=nonsense');
    await stranger.getByText('The address does not name a show').waitFor();
    venue.expects(/stranger: .*status of 404/);
    await stranger.getByLabel('Code of a show').fill('zzz-zzz');
    await stranger.getByRole('button', { name: 'Look at it' }).click();
    await stranger.getByText('Show ZZZ ZZZ is not known here.').waitFor();
    expect(stranger.url()).toContain('show=ZZZZZZ');
    await stranger.getByLabel('Code of a show').fill('12');
    await stranger.keyboard.press('Enter');
    await stranger.getByText('A code has six letters and digits, as on the big screen.').waitFor();
  });

  it('takes a code before its script is there: the browser asks for the address itself', async () => {
    const scriptless = await venue.page(await venue.device({ javaScriptEnabled: false }), 'scriptless');
    await scriptless.goto('/guide');
    await scriptless.getByLabel('Code of a show').fill('zzz zzz');
    await scriptless.getByRole('button', { name: 'Look at it' }).click();
    await scriptless.waitForURL(/\/guide\?show=zzz\+zzz/);
    await scriptless.context().close();
  });

  it('can be read by ear and by keyboard: headings in order, pictures named, contents that lead somewhere', async () => {
    await stranger.goto('/guide');
    const page = await stranger.evaluate(() => ({
      levels: [...document.querySelectorAll('h1,h2,h3,h4')].map(({ tagName }) => Number(tagName[1])),
      unnamed: [...document.querySelectorAll('svg[role="img"]')].filter(
        (picture) => (picture.getAttribute('aria-label') ?? '').length < 40,
      ).length,
      pictures: document.querySelectorAll('main svg[role="img"]').length,
      dead: [...document.querySelectorAll('a[href^="#"]')]
        .map((link) => link.getAttribute('href')?.slice(1) ?? '')
        .filter((id) => !document.getElementById(id)),
    }));
    expect(page.levels[0]).toBe(1);
    expect(page.levels.filter((level) => level === 1).length).toBe(1);
    for (const [place, level] of page.levels.entries()) {
      expect(level - (page.levels[place - 1] ?? 0), `heading ${place}`).toBeLessThanOrEqual(1);
    }
    expect(page.pictures).toBe(5);
    expect(page).toMatchObject({ unnamed: 0, dead: [] });
    await stranger.getByRole('link', { name: 'The evidence, row by row' }).focus();
    await stranger.keyboard.press('Enter');
    await expect.poll(() => stranger.evaluate(() => Math.round(scrollY))).toBeGreaterThan(0);
  });

  it(
    'has nothing that axe finds, and enough contrast in its drawings, which axe does not look at',
    LONG,
    async () => {
      await expectAccessible(stranger, 'the guide without a show');
      for (const colorScheme of ['light', 'dark'] as const) {
        await stranger.emulateMedia({ colorScheme });
        const { letters, faint } = await faintLetters(stranger);
        expect(letters).toBeGreaterThan(30);
        expect(faint, colorScheme).toEqual([]);
      }
    },
  );

  it('fits 320 pixels and a sheet of paper', LONG, async () => {
    const context = await venue.phone({ viewport: SCREENS.smallPhone });
    const small = await venue.page(context, 'small phone');
    await small.goto('/guide');
    await expectNoSidewaysScroll(small);
    await shoot(small, 'guide-small-phone', true);
    await stranger.emulateMedia({ media: 'print' });
    await stranger.setViewportSize({ width: 720, height: 1020 });
    await expectNoSidewaysScroll(stranger);
    expect(await stranger.locator('nav').isVisible()).toBe(false);
    expect(await stranger.getByLabel('Code of a show').isVisible()).toBe(false);
    await stranger.emulateMedia({ media: null });
    await stranger.setViewportSize(SCREENS.control);
  });
});

describe('with a show', () => {
  let presenter: Presenter;
  let phone: Phone;

  beforeAll(async () => {
    const product = { name: 'Gallery', capacity: CAPACITY, unitPrice: 40 };
    presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
    phone = new Phone(await venue.page(await venue.phone(), 'phone'));
    await phone.joinsByLink(presenter.code);
  });

  it('plays one: a phone and simulated shoppers on each of the lanes', async () => {
    await phone.taps(3);
    await expect.poll(async () => (await phone.tally()).confirmed).toBe(3);
    await post(presenter.control, '/api/demo/rush', { skuId: SKU, count: 30, mode: 'safe' });
    await post(presenter.control, '/api/demo/control', { skuId: SKU, mode: 'eventual' });
    await post(presenter.control, '/api/demo/rush', { skuId: SKU, count: 60, mode: 'eventual' });
  });

  it('takes the show that this browser opened last, and its figures are the room’s', LONG, async () => {
    // Phones tell how long an answer took some seconds after it.
    const measured = async () => (await readState(presenter, SKU)).lanes.safe?.latency.n;
    await expect.poll(measured).toBeGreaterThan(0);
    const guide = await venue.window(presenter.control, 'guide');
    await guide.setViewportSize(SCREENS.control);
    await guide.goto('/guide');
    await guide.getByText('which is still running').waitFor();
    const { lanes } = await readState(presenter, SKU);
    const [safe, eventual] = [ofLane(lanes, 'safe'), ofLane(lanes, 'eventual')];
    expect(eventual.oversellDelta, 'the race oversold').toBeGreaterThan(0);
    const figure = figureIn(guide);
    expect(await figure('CEO', 'safeStock')).toContain(
      `MEASURED ${safe.acknowledged} of ${CAPACITY} sold at most, none oversold, in 1 run`,
    );
    const { oversellDelta, acknowledged, stored, lostUnits } = eventual;
    expect(await figure('CRO', 'eventualOversell')).toContain(
      `MEASURED ${oversellDelta} too many: ${acknowledged} sold of ${CAPACITY}`,
    );
    expect(await figure('CRO', 'lostUpdates')).toContain(
      `${lostUnits} units lost: ${acknowledged} sold, ${stored} in the counter`,
    );
    expect(await figure('CRO', 'lostUpdates')).toContain('SIMULATED');
    expect(await figure('CFO', 'realSpend')).toContain('MEASURED $0.00, limit $0.00');
    expect(await figure('CFO', 'cost')).toContain('ESTIMATE');
    expect(await figure('CMO', 'safeLatency')).toMatch(/MEASURED p50 [\d.,]+ ms, n = \d on the show/);
    expect(await figure('CEO', 'recovery'), 'no drill was run').toContain('not measured here');
    const verdict = (post: string) => guide.locator(`#row-${post} .said`).innerText();
    expect(await verdict('CRO')).toBe('✓ holds');
    expect(await verdict('CEO'), 'half of it was not tried').toBe('◐ shown in part');
    expect(await verdict('CMO'), 'three answers say nothing of the slowest').toBe('○ not shown yet');
    await expectNoSidewaysScroll(guide);
    await shoot(guide, 'guide-show', true);
    await expectAccessible(guide, 'the guide with a show');
    const check = guide.locator('#row-CRO [data-evidence="eventualOversell"] a');
    expect(await check.getAttribute('href')).toBe(`/verify?show=${presenter.code}&sku=${SKU}#check-oversold`);
    await check.click();
    await guide.locator('#check-oversold').waitFor();
    await guide.close();
  });

  it('tells somebody in the audience which fields are kept, as the server says them', LONG, async () => {
    await phone.page.goto(`/guide?show=${presenter.code}`);
    await phone.page.getByText('which is still running').waitFor();
    const fields = await phone.page.evaluate(async () => {
      const answer = await fetch('/api/auth/me', { headers: { 'x-session-role': 'participant' } });
      const { data } = (await answer.json()) as { data: { stored: object } };
      return Object.keys(data.stored);
    });
    expect(fields.length).toBeGreaterThan(0);
    expect(await figureIn(phone.page)('CCO', 'kept')).toContain(
      `${fields.length} fields: ${fields.join(', ')}`,
    );
    await expectNoSidewaysScroll(phone.page);
    await shoot(phone.page, 'guide-phone', true);
  });

  it('moves nothing when the figures come in', LONG, async () => {
    const shifts = await presenter.context.newPage();
    await shifts.addInitScript(() => {
      const seen: number[] = [];
      Object.assign(window, { shifts: seen });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          seen.push((entry as PerformanceEntry & { value: number }).value);
      }).observe({ type: 'layout-shift', buffered: true });
    });
    for (const size of [SCREENS.control, SCREENS.phone, SCREENS.smallPhone]) {
      for (const place of ['', '#evidence', '#alternatives', '#objections', '#row-CRO']) {
        await shifts.setViewportSize(size);
        await shifts.goto('about:blank');
        await shifts.goto(`/guide?show=${presenter.code}${place}`);
        await shifts.getByText('which is still running').waitFor();
        await shifts.evaluate(() => document.fonts.ready);
        const sum = await shifts.evaluate(() =>
          (window as unknown as { shifts: number[] }).shifts.reduce((all, each) => all + each, 0),
        );
        expect(sum, `${size.width} pixels, ${place}`).toBeLessThanOrEqual(MOST_SHIFT);
      }
    }
    await shifts.close();
  });

  it('keeps a running show from strangers, and shows them one that has ended', async () => {
    venue.expects(/stranger: .*status of 401/);
    await stranger.goto(`/guide?show=${presenter.code}`);
    await stranger.getByText('is still running, and its figures are for those who are in it').waitFor();
    // A page that shows no room: the control screen would ask after its show as it ends.
    await presenter.control.goto('/verify');
    await post(presenter.control, '/api/auth/end', {});
    await expect
      .poll(async () => {
        await stranger
          .getByRole('button', { name: 'Try again' })
          .click({ timeout: 1_000 })
          .catch(() => null);
        return stranger.getByText('which has ended').count();
      })
      .toBe(1);
    expect(await figureIn(stranger)('CEO', 'safeStock')).toContain(
      `of ${CAPACITY} sold at most, none oversold`,
    );
    expect(await figureIn(stranger)('CCO', 'kept')).toContain('not measured here');
    await stranger.goto('/guide');
    await stranger.getByText('which has ended').waitFor();
  });
});

/** The text of a figure in the row of a post, in one line. */
function figureIn(page: Page) {
  return async (post: string, key: string) => {
    const text = await page.locator(`#row-${post} [data-evidence="${key}"]`).innerText();
    return text.replace(/\s+/g, ' ');
  };
}

async function post(page: Page, path: string, body: object): Promise<void> {
  const answer = await page.evaluate(
    async ([path, body]) => {
      const headers = { 'content-type': 'application/json', 'x-session-role': 'presenter' };
      return (await fetch(path, { method: 'POST', headers, body })).text();
    },
    [path, JSON.stringify(body)] as const,
  );
  expect(JSON.parse(answer), answer).toMatchObject({ success: true });
}

/** Letters of drawings whose contrast against what lies behind them is below 4.5 to 1, as WCAG 2.2 reckons it. */
function faintLetters(page: Page): Promise<{ letters: number; faint: string[] }> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    const luminance = (colour: string) => {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * (parts[0] ?? 0) + 0.7152 * (parts[1] ?? 0) + 0.0722 * (parts[2] ?? 0);
    };
    const ground = getComputedStyle(document.documentElement).backgroundColor;
    const texts = [...document.querySelectorAll('main svg text')];
    const faint = texts.flatMap((text) => {
      // Letters in a filled bar stand on the bar, which was drawn just before them.
      const bar = text.matches('.on') ? text.previousElementSibling : null;
      const behind = luminance(bar ? getComputedStyle(bar).fill : ground);
      const ink = luminance(getComputedStyle(text).fill);
      const contrast = (Math.max(ink, behind) + 0.05) / (Math.min(ink, behind) + 0.05);
      return contrast < 4.5 ? [`${contrast.toFixed(2)}: ${text.textContent}`] : [];
    });
    return { letters: texts.length, faint };
  });
}
