/** A clicker in the presenter's hand: one key for the whole show. */
import type { Page } from 'playwright-core';

/** Presses the key on a screen whose show waits for its GO, and waits until the countdown on the stage is over. */
export async function clicksGo(screen: Page, stage: Page = screen): Promise<void> {
  await screen.keyboard.press('PageDown');
  await stage.locator('.countdown').waitFor();
  await stage.locator('.countdown').waitFor({ state: 'detached' });
}
