/**
 * Pictures of every screen and state, for people to look at: taken where `PICTURES=1` asks for them, because a thousand take two
 * minutes. Both themes are shown in any case, so that a test goes on in the same page with and without them.
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from '../../../scripts/lib/paths.mjs';

const FOLDER = join(ROOT, 'artifacts', 'e2e');

const ARE_WANTED = process.env['PICTURES'] === '1';

/** Takes a page as it stands, in the dark and in the light; `whole` beyond the fold too. */
export async function shoot(page: Page, name: string, whole = false): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // Two frames: one that hears of the theme, one that has drawn it on every canvas.
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    );
    if (!ARE_WANTED) continue;
    const path = join(FOLDER, `${name}-${colorScheme}.png`);
    await page.screenshot({ path, fullPage: whole, animations: 'disabled' });
  }
}
