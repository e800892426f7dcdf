/** The pages, built from the sources as they are before any test opens one. */
import { join } from 'node:path';
import { buildPages, pagesBuilt } from '../../../scripts/lib/build.mjs';
import { inTurn } from '../../../scripts/lib/lock.mjs';
import { ROOT } from '../../../scripts/lib/paths.mjs';

/** Builds them unless they are; waits for a start that is building them already. */
export async function setup(): Promise<void> {
  await inTurn(join(ROOT, '.wrangler', 'prepare.lock'), build, () => undefined);
}

async function build(): Promise<void> {
  if (!pagesBuilt()) await buildPages();
}
