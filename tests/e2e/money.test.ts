/** Steps 4 and 5 on the stage: the guardrail's moment, the two figures, an answer of the API, the stock and the refused reset. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { usd } from '#lib/components/format.ts';
import { hearCanvases, misplaced } from './support/boxes.ts';
import { turnsGuardrail } from './support/keyboard.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { readLog, readState } from './support/truth.ts';
import { Venue } from './support/venue.ts';

const SKU = 'balcony';
const CAPACITY = 20;
const PRICE = 150;
/** An address of its own: resets are counted by address. */
const ADDRESS = '198.51.100.71';
/** A projector, a small laptop's window, and an old projector of 4:3. */
const STAGES = [
  { width: 1280, height: 720 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
  { width: 1920, height: 1080 },
];

let venue: Venue;
let presenter: Presenter;
let stage: Page;
let phone: Phone;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Balcony', capacity: CAPACITY, unitPrice: PRICE };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product], async (context) => {
    await context.setExtraHTTPHeaders({ 'cf-connecting-ip': ADDRESS });
    await hearCanvases(context);
  });
  ({ stage } = presenter);
  phone = new Phone(await venue.page(await venue.phone(), 'phone'));
  await phone.joinsByLink(presenter.code);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

/** Nothing is cut or lies over anything else, on every size of a stage. */
async function expectScene(name: string): Promise<void> {
  // The moment of a trip covers every scene.
  await moment().waitFor({ state: 'detached' });
  for (const size of STAGES) {
    await stage.setViewportSize(size);
    await expect.poll(() => misplaced(stage), { message: `${name}, ${size.width} px` }).toEqual([]);
    await shoot(stage, `money-${name}-${size.width}`);
  }
}

const money = () => stage.locator('main.money');
const moment = () => stage.locator('section.moment');

/** Turns the page as a call of the API does: these scenes need no GO before them. */
async function toStep(step: number): Promise<void> {
  await presenter.control.evaluate(
    async (body) => {
      const headers = { 'x-session-role': 'presenter', 'content-type': 'application/json' };
      await fetch('/api/demo/control', { method: 'POST', headers, body: JSON.stringify(body) });
    },
    { skuId: SKU, step, mode: 'eventual' },
  );
  await stage.bringToFront();
  await stage.getByText(`${step} of 6`).waitFor();
}

describe('the guardrail', () => {
  it('has not tripped before anything was sold, and the scene says how to', async () => {
    await toStep(4);
    await money().getByText('Not tripped yet.').waitFor();
    await money().getByText('You owe nobody').waitFor();
    await expectScene('untripped');
  });

  it('trips by T and T before everybody: the whole stage for two seconds, by whose hand, then the figures', async () => {
    await turnsGuardrail(stage, 'trips');
    await moment().getByText('Guardrail: tripped by the presenter’s hand.').waitFor();
    const box = await moment().boundingBox();
    expect(box).toEqual({ x: 0, y: 0, ...stage.viewportSize() });
    await shoot(stage, 'money-moment-by-hand');
    await moment().waitFor({ state: 'detached' });
    await stage.locator('.banner').getByText('by the presenter’s hand.').waitFor();
    await money().getByText('Sales go on: 0 since.').waitFor();
  });

  it('counts what is sold since it tripped, as the log does', async () => {
    await phone.taps(2);
    await money().getByText('Sales go on: 2 since.').waitFor();
    const log = await readLog(presenter, SKU);
    const trip = log.findLastIndex(({ kind }) => kind === 'guardrail');
    expect(log.slice(trip).filter(({ kind }) => kind === 'allocated')).toHaveLength(2);
    await turnsGuardrail(stage, 'clears');
    await stage.locator('.banner').waitFor({ state: 'detached' });
  });

  it('shows the estimate beside the bill, to the cent, with its parts and the debt', async () => {
    await presenter.rush(200);
    await expect.poll(async () => (await readState(presenter, SKU)).lanes.eventual?.inFlight).toBe(0);
    const { guardrail, lanes } = await readState(presenter, SKU);
    const oversold = lanes.eventual?.oversellDelta ?? 0;
    expect([guardrail.tripped, oversold > 0]).toEqual([true, true]);
    await moment().waitFor({ state: 'detached' });
    // What frames tell is the newest `cost` event: the stage shows that one, and nothing that nobody was told.
    await expect
      .poll(async () => {
        const [would, billed] = await money().locator('.giant').allInnerTexts();
        const told = (await readLog(presenter, SKU)).findLast(({ kind }) => kind === 'cost');
        const cost = told?.kind === 'cost' ? told.body : null;
        return [would, billed].join() === [usd(cost?.virtualUsd ?? -1), usd(cost?.realUsd ?? -1)].join();
      })
      .toBe(true);
    await money()
      .getByText(`$${(oversold * PRICE).toLocaleString('en')}`, { exact: true })
      .waitFor();
    await money().getByText('LOCKED', { exact: true }).waitFor();
    await expectScene('tripped');
  });
});

describe('an answer of the API', () => {
  it('is shown by J as it came at that moment, with the two members that every answer has', async () => {
    const answered = stage.waitForResponse((response) => response.url().includes('/api/demo/state'));
    await stage.keyboard.press('j');
    const json = (await (await answered).json()) as {
      data: object;
      meta: { guardrailTriggered: boolean; virtualCosts: number; requestId: string; ledger: { lines: [] } };
    };
    const shown = await stage.locator('pre .line').allInnerTexts();
    const { ledger, ...meta } = json.meta;
    const { lines, ...totals } = ledger;
    for (const [name, value] of Object.entries({ ...meta, ...totals })) {
      expect(
        shown.map((line) => line.replace(/,$/, '')),
        name,
      ).toContain(`"${name}": ${JSON.stringify(value)}`);
    }
    expect(shown).toContain(`"data": { … ${Object.keys(json.data).length} more },`);
    expect(shown).toContain(`"lines": [ … ${lines.length} more ]`);
    expect(await stage.locator('pre .guardrailTriggered').allInnerTexts()).toEqual([
      `"guardrailTriggered": ${json.meta.guardrailTriggered},`,
    ]);
    await expectScene('answer');
  });

  it('shows nothing of anybody’s session, and goes by J or Escape', async () => {
    const session = await stage.evaluate(async () => {
      const answer = await fetch('/api/auth/me', { headers: { 'x-session-role': 'presenter' } });
      return ((await answer.json()) as { data: { sessionId: string } }).data.sessionId;
    });
    expect(session.length).toBeGreaterThan(8);
    expect(await stage.content()).not.toContain(session);
    await stage.keyboard.press('j');
    await money().waitFor();
    await stage.keyboard.press('j');
    await stage.locator('pre').waitFor();
    await stage.keyboard.press('Escape');
    await money().waitFor();
  });
});

describe('the reset', () => {
  const reset = () => stage.locator('main.reset');
  const stock = () => reset().getByRole('region', { name: 'eventual lane' });

  it('says what R will do, with the stock as it is sold', async () => {
    const sold = (await readState(presenter, SKU)).lanes.eventual?.acknowledged ?? 0;
    await toStep(5);
    await reset().getByText('Nobody has reset yet').waitFor();
    await expect.poll(() => stock().locator('.now').innerText()).toBe(String(sold));
    await expectScene('before-reset');
  });

  it('fills the stock up, and tells before and after by the round that ended', async () => {
    const sold = await stock().locator('.now').innerText();
    await stage.keyboard.press('r');
    await stage.getByRole('dialog').getByRole('button', { name: 'Reset', exact: true }).click();
    await reset().getByText('Round 1 is over').waitFor();
    expect(await stock().locator('.figure').allInnerTexts()).toEqual([sold, '0']);
    await stock().getByText(`${CAPACITY} in stock`).waitFor();
    await expectScene('after-reset');
  });

  it('shows the second reset refused, as the limit that it is, by the room’s own answer', async () => {
    venue.expects(/stage: .*status of 429/);
    await stage.keyboard.press('r');
    const question = stage.getByRole('dialog');
    await question.getByRole('button', { name: 'Reset', exact: true }).click();
    await question.getByText(/^Refused: one reset a minute\. Again in \d+ s\.$/).waitFor();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await reset().getByText('Refused: one reset a minute from one address.').waitFor();
    const wait = await reset().locator('.wait').innerText();
    expect(Number.parseInt(wait)).toBeGreaterThan(0);
    expect(Number.parseInt(wait)).toBeLessThanOrEqual(60);
    expect((await readState(presenter, SKU)).epoch, 'nothing was changed').toBe(2);
    await expectScene('refused-reset');
  });
});
