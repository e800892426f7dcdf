/** Nothing of a page lies beyond the right edge of its screen. */
import { expect } from 'vitest';
import type { Page } from 'playwright-core';

/** Fails when the page can be scrolled sideways. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const beyond = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  expect(beyond, 'pixels beyond the right edge').toBeLessThanOrEqual(0);
}
