/**
 * The stage can be read from the last row, whatever is shown: on each scene, screen and theme no text is cut or lies over another,
 * none is too small, none has a zero with a stroke, and one figure or sentence is the hero.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { Phone as Client } from '../../scripts/crowd/phone.ts';
import { Site } from '../../scripts/crowd/site.ts';
import { hearCanvases, misplaced, struckZeros, tooSmall } from './support/boxes.ts';
import { turnsGuardrail } from './support/keyboard.ts';
import type { Product } from './support/presenter.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { readState } from './support/truth.ts';
import { LOOPBACK, SCREENS, Venue } from './support/venue.ts';

/** Projectors: full, small, and an old one of 4:3. The pictures show the first in both themes. */
const LOOKS = [
  [SCREENS.stage, 'light'],
  [{ width: 1280, height: 720 }, 'dark'],
  [{ width: 1024, height: 768 }, 'light'],
] as const;
/** Shares of the stage's height that the plot of a race has: with nothing else, and with a guess and the banner above it. */
const PLOT = 0.5;
const CROWDED_PLOT = 0.38;

/** A show and how many are in it. */
interface House {
  products: Product[];
  phones: number;
}

const one = (capacity: number): Product[] => [{ name: 'Concert ticket', capacity, unitPrice: 150 }];
const HOUSES: House[] = [
  { products: one(1), phones: 0 },
  { products: one(100), phones: 3 },
  {
    products: ['Front row', 'Meet and greet with the whole band', 'Poster', 'Shirt', 'Vinyl'].map((name) => ({
      name,
      capacity: 1_000,
      unitPrice: 19.95,
    })),
    phones: 3,
  },
  { products: one(100_000), phones: 300 },
];

let venue: Venue;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

describe.each(HOUSES)(
  'a stage of $products.length × $products.0.capacity units and $phones phones',
  (house) => {
    const { products, phones } = house;
    /** One house is enough to look at. */
    const isShot = products[0]?.capacity === 100;
    const sku = products[0]!.name.toLowerCase().replaceAll(' ', '-');
    let presenter: Presenter;
    let audience: Client[];

    beforeAll(async () => {
      presenter = await Presenter.opensHeld(venue, inject('host').debugToken, products, hearCanvases);
      const site = new Site(`http://${LOOPBACK}:${inject('host').port}`);
      const people = await site.joinAll(presenter.code, phones);
      audience = people.map(
        ({ token, show }) => new Client({ url: `${site.url}/parties/room/${show}.${sku}`, token }),
      );
      await Promise.all(audience.map((client) => client.connect()));
    }, 60_000);
    afterAll(() => {
      for (const client of audience) client.close();
    });

    /** The scene on every projector, in both themes. */
    const expectReadable = async (scene: string) => {
      const { stage } = presenter;
      // A GO and a trip cover every scene for their moment, and a lost update may have come by itself.
      await stage.locator('section:is(.countdown, .moment)').waitFor({ state: 'detached' });
      if (scene !== 'lost' && (await stage.getByRole('dialog').count()) > 0)
        await stage.keyboard.press('Escape');
      for (const [size, colorScheme] of LOOKS) {
        await stage.setViewportSize(size);
        await stage.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const where = `${scene}, ${size.width} × ${size.height}, ${colorScheme}`;
        await expect
          .poll(
            async () => [
              ...(await misplaced(stage)),
              ...(await tooSmall(stage)),
              ...(await struckZeros(stage)),
            ],
            { message: where },
          )
          .toEqual([]);
        if (size === SCREENS.stage && isShot) await shoot(stage, `scene-${scene}`);
      }
      await stage.setViewportSize(SCREENS.stage);
    };
    const settled = () =>
      expect.poll(async () => (await readState(presenter, sku)).lanes.eventual?.inFlight).toBe(0);

    it('is readable at the doors, and before the GO of a lane', { timeout: 120_000 }, async () => {
      const { stage } = presenter;
      await expectReadable('doors');
      await stage.keyboard.press('q');
      await expectReadable('code');
      await stage.keyboard.press('q');
      await stage.keyboard.press('?');
      await expectReadable('keys');
      await stage.keyboard.press('?');
      await presenter.turnsTo(2);
      await expectReadable('held');
      await presenter.givesGo();
      await expectReadable('unsold');
    });

    it('is readable while the lanes sell, alone and side by side', { timeout: 240_000 }, async () => {
      await presenter.control.getByLabel('shoppers,').fill(String(Math.min(50, products[0]!.capacity)));
      await presenter.rush(200);
      await expectReadable('safe');
      await presenter.turnsTo(3);
      await presenter.rush(200);
      await settled();
      const { stage } = presenter;
      await stage.keyboard.press('Escape');
      if ((await readState(presenter, sku)).guardrail.tripped) {
        await turnsGuardrail(stage, 'clears');
        await stage.locator('.banner').waitFor({ state: 'detached' });
      }
      await expectReadable('race');
      await expect.poll(() => plotShare(stage)).toBeGreaterThanOrEqual(PLOT);
      await presenter.switchTo('both');
      await presenter.rush(50);
      await settled();
      await expectReadable('split');
      await presenter.switchTo('eventual');
    });

    it('is readable with a guess and the banner above a race, and leaves the picture its room', async () => {
      const { stage, control } = presenter;
      if ((await readState(presenter, sku)).guardrail.tripped === false) await turnsGuardrail(stage, 'trips');
      await stage.locator('.banner').waitFor();
      await stage.keyboard.press('g');
      await expectReadable('guess');
      await control.getByRole('button', { name: 'Close and show the answers' }).click();
      await stage.locator('.result').waitFor();
      await expectReadable('guessed');
      await expect.poll(() => plotShare(stage)).toBeGreaterThanOrEqual(CROWDED_PLOT);
      await stage.keyboard.press('g');
      await stage.locator('.result').waitFor({ state: 'detached' });
    }, 120_000);

    it('is readable in slow motion, and on the steps behind the race', { timeout: 240_000 }, async () => {
      const { stage } = presenter;
      const dialog = stage.getByRole('dialog');
      // It may have come by itself.
      if ((await dialog.count()) === 0) await stage.keyboard.press('m');
      await dialog.waitFor();
      await expectReadable('lost');
      await stage.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      for (const [step, scene] of [
        [4, 'money'],
        [5, 'reset'],
        [6, 'verdict'],
      ] as const) {
        await presenter.turnsTo(step);
        await expectReadable(scene);
      }
      await stage.keyboard.press('a');
      await expectReadable('audit');
      await stage.keyboard.press('a');
      for (const page of ['matrix', 'matrix-2', 'comparison', 'check']) {
        await stage.keyboard.press('v');
        await expectReadable(page);
      }
      await stage.keyboard.press('Escape');
    });
  },
);

/** The plot of the race, without its axes, as a share of the stage's height. */
function plotShare(stage: Page): Promise<number> {
  return stage.evaluate(() => {
    const plots = [...document.querySelectorAll('.u-over')].map(
      (plot) => plot.getBoundingClientRect().height,
    );
    return Math.max(0, ...plots) / innerHeight;
  });
}
