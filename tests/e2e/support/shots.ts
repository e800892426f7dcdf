/** Pictures of every screen and state, for people to look at. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from '../../../scripts/lib/paths.mjs';

const FOLDER = join(ROOT, 'artifacts', 'e2e');

/** Takes a page as it stands, in the dark and in the light; `whole` beyond the fold too. */
export async function shoot(page: Page, name: string, whole = false): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // Two frames: one that hears of the theme, one that has drawn it on every canvas.
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    );
    const path = join(FOLDER, `${name}-${colorScheme}.png`);
    await page.screenshot({ path, fullPage: whole, animations: 'disabled' });
  }
}
