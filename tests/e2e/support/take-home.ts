/** What tests take home from a page: files that it hands over, and a room that they reset. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import type { Presenter } from './presenter.ts';

/** One reset a minute from one address: another file's may have been the last. */
const RESET_WITHIN_MS = 75_000;
const FOLDER = join(ROOT, 'artifacts', 'e2e');

/** Presses a button and reads the file that comes; its name as the page gave it. */
export async function fileFrom(page: Page, button: Locator): Promise<{ name: string; bytes: Buffer }> {
  const coming = page.waitForEvent('download');
  await button.click();
  const download = await coming;
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** Runs the verifier's command. */
export function verifyByCommand(...args: string[]): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'verify.mjs'), ...args], {
    encoding: 'utf8',
  });
  return { status, stdout };
}

/** Resets a room as its presenter, from an address of its own (`ip`): others need theirs. */
export async function resetFrom(ip: string, { control }: Presenter, skuId: string): Promise<void> {
  const ask = () =>
    control.evaluate(
      async ([ip, skuId]) => {
        const answer = await fetch('/api/demo/reset', {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-session-role': 'presenter',
            'cf-connecting-ip': ip,
          },
          body: JSON.stringify({ skuId }),
        });
        return answer.status;
      },
      [ip, skuId] as const,
    );
  await expect.poll(ask, { timeout: RESET_WITHIN_MS, interval: 3_000 }).toBe(200);
}

/** Keeps a file beside the pictures of the screens, for people to look at. */
export function keep(bytes: Buffer, name: string): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, name), bytes);
}

/** Pages of a PDF. */
export function pagesOf(pdf: Buffer): number {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
}
