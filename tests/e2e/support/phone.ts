/** A member of the audience with the phone in hand. */
import type { Locator, Page } from 'playwright-core';
import type { LaneId } from '#lib/domain/lane.ts';

/** What a phone says of its owner's taps on all lanes of the list. */
export interface Tally {
  confirmed: number;
  overwritten: number;
  'sold out': number;
  'on their way': number;
}

/** A phone in the room, or at its door. */
export class Phone {
  readonly page: Page;
  readonly button: Locator;

  constructor(page: Page) {
    this.page = page;
    this.button = page.locator('button.tap');
  }

  /** Types the code at the door, as people do: small letters, a gap. */
  async joinsAtTheDoor(code: string): Promise<void> {
    await this.page.goto('/');
    await this.page
      .getByLabel('Code on the big screen')
      .fill(`${code.slice(0, 3)} ${code.slice(3)}`.toLowerCase());
    await this.page.getByRole('button', { name: 'Join' }).tap();
    await this.ready();
  }

  /** Comes by the QR code. */
  async joinsByLink(code: string): Promise<void> {
    await this.page.goto(`/j/${code}`);
    await this.ready();
  }

  /** Waits until the button takes taps. */
  ready(): Promise<void> {
    return this.page.locator('button.tap[aria-disabled="false"]').waitFor();
  }

  /** Waits until the button is of a lane. */
  shows(mode: LaneId | 'both'): Promise<void> {
    return this.page.locator(`button.tap[data-tone="${mode}"]`).waitFor();
  }

  /** Taps the button with a finger, as fast as fingers of a test are. */
  async taps(times: number): Promise<void> {
    const box = await this.button.boundingBox();
    if (!box) throw new Error('There is no button to tap.');
    for (let tap = 0; tap < times; tap += 1) {
      await this.page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
    }
  }

  /** The made-up name. */
  async label(): Promise<string> {
    return (await this.page.locator('button.who').innerText()).trim();
  }

  /** What became of this phone's taps, in its own words: the verdicts of all lanes together. */
  async tally(): Promise<Tally> {
    const words = (await this.page.locator('section[aria-labelledby="mine"]').innerText()).replace(
      /\s+/g,
      ' ',
    );
    const sum = (pattern: RegExp) =>
      [...words.matchAll(pattern)].reduce((n, [, figure = '']) => n + Number(figure.replaceAll(',', '')), 0);
    return {
      confirmed: sum(/You hold ([\d,]+)\./g),
      overwritten: sum(/([\d,]+) (?:was|were) overwritten\./g),
      'sold out': sum(/([\d,]+) × sold out/g),
      'on their way': sum(/([\d,]+) on their way/g),
    };
  }

  /** Figures of the room as this phone shows them, in their order. */
  async totals(): Promise<number[]> {
    const texts = await this.page.locator('.totals .big').allInnerTexts();
    return texts.map((text) => Number(text.replace(/[+,]/g, '')));
  }

  /** The connection, in words. */
  connection(): Promise<string> {
    return this.page.locator('header .badge').innerText();
  }
}
