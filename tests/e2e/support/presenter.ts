/** The presenter: signs in by the link that the start prints, opens a show, and has its control and its stage open. */
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { vi } from 'vitest';
import type { Sku } from '#lib/domain/events.ts';
import { COUNTDOWN_MS } from '#lib/domain/hold.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { expectationOf, STEPS } from '#lib/domain/script.ts';
import { SCREENS, WITHIN_MS } from './venue.ts';
import type { Venue } from './venue.ts';

/** What is sold, as typed into the form. */
export type Product = Pick<Sku, 'name' | 'capacity' | 'unitPrice'>;

/** A presenter with an open show. */
export class Presenter {
  readonly code: string;
  readonly context: BrowserContext;
  readonly control: Page;
  readonly stage: Page;

  readonly #skuIds: readonly string[];

  private constructor(
    code: string,
    context: BrowserContext,
    control: Page,
    stage: Page,
    skuIds: readonly string[],
  ) {
    this.#skuIds = skuIds;
    this.code = code;
    this.context = context;
    this.control = control;
    this.stage = stage;
  }

  /**
   * Signs in and opens a show through the door, as people do; ends on the control screen, with the stage beside it, and with
   * rooms that sell. `prepare` is what happens to the browser before its first page.
   */
  static async opens(...show: Parameters<typeof Presenter.opensHeld>): Promise<Presenter> {
    const presenter = await Presenter.opensHeld(...show);
    await presenter.givesGo();
    return presenter;
  }

  /** The same, with the show as it is opened: held, so that phones practise. */
  static async opensHeld(
    venue: Venue,
    debugToken: string,
    products: readonly Product[],
    prepare?: (context: BrowserContext) => Promise<void>,
  ): Promise<Presenter> {
    const context = await venue.device({ viewport: SCREENS.control });
    await prepare?.(context);
    const control = await venue.page(context, 'control');
    await control.goto(`/#signin=${debugToken}`);
    await control.getByText('Signed in by link').waitFor();
    await fillProducts(control, products);
    await control.getByRole('button', { name: 'Open the show' }).click();
    await control.waitForURL('**/control/*');
    const code = control.url().split('/').at(-1) ?? '';
    await control.getByRole('button', { name: 'Recount from the log' }).waitFor();
    const stage = await venue.window(control, 'stage');
    await stage.setViewportSize(SCREENS.stage);
    await stage.goto(`/stage/${code}`);
    await stage.getByText('● live').waitFor();
    return new Presenter(code, context, control, stage, await skuIdsOf(control, code));
  }

  /** Gives the GO in every room, and waits until all of them sell. */
  async givesGo(): Promise<void> {
    await this.#asks({ go: true });
    const sells = async () => (await this.#states()).every(({ hold }) => hold === null);
    await vi.waitUntil(sells, { timeout: COUNTDOWN_MS + WITHIN_MS, interval: 200 });
  }

  /** Turns every room to a step and its lane, past the keys: rooms that sell go on selling. */
  async turnsTo(step: number): Promise<void> {
    const { mode } = expectationOf(step);
    await this.#asks({ step, ...(mode ? { mode } : {}) });
    for (const page of [this.control, this.stage])
      await page.getByText(`${step} of ${STEPS}`).first().waitFor();
  }

  /** Switches the lane by hand and waits until the room says so. */
  async switchTo(mode: Mode): Promise<void> {
    const button = this.modeButton(mode);
    await button.click();
    await this.control.locator(`button.${mode}[aria-pressed="true"]`).waitFor();
  }

  /** What a control of the presenter sends to every room. */
  #asks(change: { step?: number; mode?: Mode; go?: true }): Promise<void> {
    return this.control.evaluate(
      async ({ skuIds, change }) => {
        const headers = { 'content-type': 'application/json', 'x-session-role': 'presenter' };
        for (const skuId of skuIds) {
          const body = JSON.stringify({ skuId, ...change });
          const answer = await fetch('/api/demo/control', { method: 'POST', headers, body });
          if (!answer.ok) throw new Error(await answer.text());
        }
      },
      { skuIds: this.#skuIds, change },
    );
  }

  #states(): Promise<Pick<RoomState, 'hold'>[]> {
    return this.control.evaluate(
      (skuIds) =>
        Promise.all(
          skuIds.map(async (skuId) => {
            const headers = { 'x-session-role': 'presenter' };
            const answer = await fetch(`/api/demo/state?skuId=${skuId}`, { headers });
            return ((await answer.json()) as { data: RoomState }).data;
          }),
        ),
      this.#skuIds,
    );
  }

  modeButton(mode: Mode): Locator {
    return this.control.locator(`.switch button.${mode}`);
  }

  /** Sends simulated shoppers and waits for what became of them. */
  async rush(shoppers: 10 | 50 | 200): Promise<string> {
    await this.sendCrowd(shoppers);
    const result = this.control.getByText('got theirs');
    await result.waitFor();
    return (await result.innerText()).replace(/\s+/g, ' ');
  }

  /** Sends simulated shoppers and does not wait. */
  async sendCrowd(shoppers: 10 | 50 | 200): Promise<void> {
    await this.control.getByRole('button', { name: `${shoppers} simulated shoppers`, exact: false }).click();
  }

  /** Recounts the show on screen; the checks that do not hold, and how many there are. */
  async audit(): Promise<{ checks: number; broken: string[] }> {
    await this.control.getByRole('button', { name: 'Recount from the log' }).click();
    await this.control
      .getByText(/checks hold\.|does not hold\./)
      .first()
      .waitFor();
    const lines = await this.control
      .locator('section[aria-labelledby="audit-title"] .list li')
      .allInnerTexts();
    return { checks: lines.length, broken: lines.filter((line) => !line.startsWith('✓')) };
  }
}

/** The products of a show, as its presenter's browser keeps them. */
function skuIdsOf(control: Page, code: string): Promise<string[]> {
  return control.evaluate((code) => {
    const kept = JSON.parse(localStorage.getItem(`rgl.show.${code}`) ?? '[]') as { id: string }[];
    return kept.map(({ id }) => id);
  }, code);
}

async function fillProducts(door: Page, products: readonly Product[]): Promise<void> {
  for (const [place, { name, capacity, unitPrice }] of products.entries()) {
    if (place > 0) await door.getByRole('button', { name: 'Add another product' }).click();
    const row = door.getByRole('group', { name: 'What is sold' }).getByRole('listitem').nth(place);
    await row.getByLabel(/^Name/).fill(name);
    await row.getByLabel(/^Units that exist/).fill(String(capacity));
    await row.getByLabel(/^Price/).fill(String(unitPrice));
  }
}
