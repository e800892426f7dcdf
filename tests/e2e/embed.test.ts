/** A show's figures in somebody's slides: the panel that makes the addresses, a deck of reveal.js that shows them, and their end. */
import type { Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectAccessible } from './support/axe.ts';
import { Deck } from './support/deck.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { Venue } from './support/venue.ts';

const PICTURES = ['chart', 'grid', 'counter', 'contest', 'qr'];
const CAPACITY = 8;

let venue: Venue;
let presenter: Presenter;
let deck: Deck;
let slides: Page;
/** The addresses as the panel shows them. */
let addresses: string[] = [];

const panel = () => presenter.control.getByRole('region', { name: 'In your slides' });

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  // Slides stand at another origin, and may be asked for what they are made of.
  venue.expects(/^slides: asked http:\/\/192\.168\.1\.20:/);
  presenter = await Presenter.opens(venue, inject('host').debugToken, [
    { name: 'Seat', capacity: CAPACITY, unitPrice: 10 },
  ]);
  deck = await Deck.serves(new URL(venue.url).hostname, (theme) =>
    addresses
      .map((address) => {
        const [path = '', code = ''] = address.split('#');
        const drawn = theme === 'white' ? 'light' : 'dark';
        return `<section><iframe class="live" data-src="${path}?theme=${drawn}&lang=en#${code}"></iframe></section>`;
      })
      .join(''),
  );
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(async () => {
  deck.close();
  await venue.close();
});

/** Turns the deck to a picture: the frame that shows it. */
async function turnTo(picture: string): Promise<Frame> {
  const place = PICTURES.indexOf(picture);
  await slides.evaluate((slide) => {
    const { Reveal } = window as unknown as { Reveal: { slide(index: number): void } };
    Reveal.slide(slide);
  }, place);
  const frame = slides.locator('section.present iframe');
  await frame.waitFor();
  const handle = await frame.elementHandle();
  const shown = await handle?.contentFrame();
  if (!shown) throw new Error('the slide has no frame');
  await shown.locator(`[data-picture="${picture}"]`).waitFor();
  return shown;
}

async function opensDeck(theme: string): Promise<void> {
  await slides.goto(deck.url(theme));
  await slides.locator('body[data-ready]').waitFor();
}

const figure = (frame: Frame, lane: string) =>
  frame.getByRole('region', { name: lane }).locator('[data-figure="acknowledged"]').innerText();

describe('a presenter', () => {
  it('makes the addresses on control, which are shown once, and copies them', async () => {
    await panel().getByRole('button', { name: 'Make addresses' }).click();
    await panel().getByText('These addresses are shown here once.').waitFor();
    addresses = await panel()
      .locator('input')
      .evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value));
    const form = new RegExp(`^${venue.url}/embed/${presenter.code}/(\\w+)#read=([\\w-]{32})$`);
    expect(addresses.map((address) => form.exec(address)?.[1])).toEqual(PICTURES);
    await panel().getByRole('button', { name: 'Copy: Race chart' }).click();
    // By plain http a page may not write to the clipboard: it says how else.
    await panel()
      .getByText(/Copied: Race chart\.|Marked: copy it/)
      .waitFor();
    await expectAccessible(presenter.control, 'control, with addresses for slides');
    await expectNoSidewaysScroll(presenter.control);
    await panel().scrollIntoViewIfNeeded();
    await shoot(presenter.control, 'control-embed', true);
  });

  it('keeps nothing of the code in the browser, and finds after a reload that one is in use', async () => {
    const code = addresses[0]?.split('=').at(-1) ?? '';
    const kept = await presenter.control.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state]),
    );
    expect(code).toHaveLength(32);
    expect(kept).not.toContain(code);
    await presenter.control.reload();
    await panel().getByText('A code is in use.').waitFor();
    expect(await panel().locator('input').count()).toBe(0);
  });
});

describe('a deck of reveal.js on another port', () => {
  const asked: string[] = [];

  beforeAll(async () => {
    slides = await venue.page(await venue.device({ viewport: { width: 1280, height: 720 } }), 'slides');
    const code = addresses[0]?.split('=').at(-1) ?? '';
    slides.on('request', (request) => {
      if (request.url().includes(code) && !request.url().includes('#')) asked.push(request.url());
    });
    slides.on('websocket', (socket) => {
      if (socket.url().includes(code)) asked.push(socket.url());
    });
    await opensDeck('white');
  });

  it('shows live figures: each tap, as the stage does, without a cookie of the show', async () => {
    await presenter.switchTo('both');
    const counter = await turnTo('counter');
    await expect.poll(() => figure(counter, 'safe lane')).toBe('0');
    await presenter.rush(10);
    await expect.poll(() => figure(counter, 'safe lane')).toBe(String(CAPACITY));
    const onStage = presenter.stage.getByRole('region', { name: 'eventual lane' });
    const told = await onStage.locator('[data-figure="acknowledged"]').innerText();
    await expect.poll(() => figure(counter, 'eventual lane')).toBe(told);
    await counter.getByText('SIMULATED').waitFor();
    expect(await slides.context().cookies()).toEqual([]);
    expect(asked, 'addresses that hold the code').toEqual([]);
  });

  it.each(PICTURES)(
    'draws its picture in light and in dark, without a ground of its own: %s',
    async (picture) => {
      for (const theme of ['white', 'black']) {
        await opensDeck(theme);
        const frame = await turnTo(picture);
        if (picture === 'chart') await frame.locator('.plot canvas').waitFor();
        if (picture === 'contest') {
          await expect
            .poll(() => frame.locator('[data-lane="safe"] [data-figure]').first().innerText())
            .toBe('8');
        }
        const grounds = await frame.evaluate(() =>
          [document.documentElement, document.body, document.querySelector('.embed')].map((element) =>
            element ? getComputedStyle(element).backgroundColor : 'none',
          ),
        );
        expect(grounds).toEqual(Array(3).fill('rgba(0, 0, 0, 0)'));
        await expect.poll(() => frame.getByText('Connecting to the show…').count()).toBe(0);
        await slides.screenshot({ path: `artifacts/e2e/embed-${picture}-${theme}.png` });
        // Of another scheme than its frame's it would be opaque, and in the other ink it would not be read.
        const [scheme, ink] = await frame.evaluate(() => [
          getComputedStyle(document.documentElement).colorScheme,
          getComputedStyle(document.querySelector('.embed') ?? document.body).color,
        ]);
        expect([scheme, ink]).toEqual(
          theme === 'white' ? ['light', 'rgb(20, 23, 28)'] : ['dark', 'rgb(243, 239, 228)'],
        );
      }
    },
  );

  it('has nothing to press, and is told apart by whoever listens', async () => {
    const frame = await turnTo('contest');
    expect(await frame.locator('a, button, input, [tabindex]').count()).toBe(0);
    const alone = await venue.page(await venue.device({ viewport: { width: 960, height: 540 } }), 'alone');
    for (const address of addresses) {
      await alone.goto('about:blank');
      // Its ground is the slide's: alone it is the white of a browser.
      await alone.goto(address.replace('#', '?theme=light#'));
      await alone.locator('.picture').waitFor();
      await expectAccessible(alone, address.split('#')[0] ?? '');
    }
    await alone.close();
  });

  it('speaks German when its address says so, and keeps no cookie of that', async () => {
    const alone = await venue.page(await venue.device({ viewport: { width: 960, height: 540 } }), 'alone');
    await alone.goto((addresses[2] ?? '').replace('#', '?lang=de#'));
    await alone.getByText('Spur „safe“').first().waitFor();
    expect(await alone.context().cookies()).toEqual([]);
    await alone.close();
  });

  it('says that it is not connected while it is not, and keeps its picture', async () => {
    await opensDeck('white');
    const counter = await turnTo('counter');
    await expect.poll(() => figure(counter, 'safe lane')).toBe(String(CAPACITY));
    venue.expects(/ERR_INTERNET_DISCONNECTED/);
    await slides.context().setOffline(true);
    await counter.getByText('Not connected: these figures stand still.').waitFor();
    expect(await figure(counter, 'safe lane')).toBe(String(CAPACITY));
    await slides.context().setOffline(false);
    await counter.getByText('Not connected').waitFor({ state: 'detached' });
  });

  it('no other page of the show stands in a frame', async () => {
    venue.expects(/frame-ancestors|X-Frame-Options|content security policy/i);
    await slides.evaluate((control) => {
      const frame = document.createElement('iframe');
      frame.id = 'hostile';
      frame.src = control;
      document.body.append(frame);
      return new Promise((done) => frame.addEventListener('load', done));
    }, `${venue.url}/control/${presenter.code}`);
    const frame = await (await slides.locator('#hostile').elementHandle())?.contentFrame();
    expect(frame?.url()).toMatch(/^chrome-error:/);
    await slides.locator('#hostile').evaluate((element) => element.remove());
  });

  it('ends at once when the presenter withdraws the code, and says so in words', async () => {
    const counter = await turnTo('counter');
    await panel().getByRole('button', { name: 'Withdraw' }).click();
    await panel().getByText('Withdrawn: no slide shows these figures any more.').waitFor();
    await counter.getByText('the code in this address was withdrawn').waitFor();
    expect(await counter.locator('[data-figure]').count()).toBe(0);
    await slides.screenshot({ path: 'artifacts/e2e/embed-withdrawn-white.png' });
    // A picture that is opened later is told the same.
    venue.expects(/status of 401/);
    await slides.reload();
    await slides.locator('body[data-ready]').waitFor();
    const later = await turnTo('chart');
    await later.getByText('the code in this address was withdrawn').waitFor();
  });
});
