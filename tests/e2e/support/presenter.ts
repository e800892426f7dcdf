/** The presenter: signs in by the link that the start prints, opens a show, and has its control and its stage open. */
import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { Sku } from '#lib/domain/events.ts';
import type { Mode } from '#lib/domain/lane.ts';
import { SCREENS } from './venue.ts';
import type { Venue } from './venue.ts';

/** What is sold, as typed into the form. */
export type Product = Pick<Sku, 'name' | 'capacity' | 'unitPrice'>;

/** A presenter with an open show. */
export class Presenter {
  readonly code: string;
  readonly context: BrowserContext;
  readonly control: Page;
  readonly stage: Page;

  private constructor(code: string, context: BrowserContext, control: Page, stage: Page) {
    this.code = code;
    this.context = context;
    this.control = control;
    this.stage = stage;
  }

  /**
   * Signs in and opens a show through the door, as people do; ends on the control screen, with the stage beside it.
   * `prepare` is what happens to the browser before its first page.
   */
  static async opens(
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
    return new Presenter(code, context, control, stage);
  }

  /** Switches the lane by hand and waits until the room says so. */
  async switchTo(mode: Mode): Promise<void> {
    const button = this.modeButton(mode);
    await button.click();
    await this.control.locator(`button.${mode}[aria-pressed="true"]`).waitFor();
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

async function fillProducts(door: Page, products: readonly Product[]): Promise<void> {
  for (const [place, { name, capacity, unitPrice }] of products.entries()) {
    if (place > 0) await door.getByRole('button', { name: 'Add another product' }).click();
    const row = door.getByRole('group', { name: 'What is sold' }).getByRole('listitem').nth(place);
    await row.getByLabel(/^Name/).fill(name);
    await row.getByLabel(/^Units that exist/).fill(String(capacity));
    await row.getByLabel(/^Price/).fill(String(unitPrice));
  }
}
