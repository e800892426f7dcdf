/** What must stand on every screen of a rehearsal, whatever else does: that all of it is simulated. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Fails unless each page says SIMULATED in its title and in a band across its top. */
export async function expectMarked(...pages: Page[]): Promise<void> {
  for (const page of pages) {
    expect(await page.title()).toMatch(/^SIMULATED · /);
    const band = page.getByRole('complementary', { name: 'Simulated' });
    const mark = band.getByText('SIMULATED');
    await mark.waitFor();
    // In the document is not yet on the screen: the word lies within the band, whole.
    const [word, tape] = [(await mark.boundingBox())!, (await band.boundingBox())!];
    expect(word.y).toBeGreaterThanOrEqual(tape.y);
    expect(word.y + word.height).toBeLessThanOrEqual(tape.y + tape.height);
    await band.getByText(/^rehearsal in this browser, no network · seed \d+/).waitFor();
    const box = await band.boundingBox();
    expect(box).toMatchObject({ x: 0, y: 0, width: page.viewportSize()?.width });
    expect(box?.height).toBeGreaterThanOrEqual(44);
  }
}

/** Fails when a page of a live show says anywhere that it is a simulated one. */
export async function expectUnmarked(...pages: Page[]): Promise<void> {
  for (const page of pages) {
    expect(await page.title()).not.toContain('SIMULATED');
    expect(await page.getByRole('complementary', { name: 'Simulated' }).count()).toBe(0);
  }
}
