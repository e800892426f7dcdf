import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { WITHIN_MS } from '../e2e/support/venue.ts';

const place = (url: string) => fileURLToPath(new URL(url, import.meta.url));

/** `npm run pictures`: plays a show as the browser tests do, and takes the pictures of README.md and docs/screenshots. */
export default defineConfig({
  root: ROOT,
  test: {
    name: 'pictures',
    include: ['tests/pictures/**/*.test.ts'],
    globalSetup: [place('../e2e/support/pages.ts'), place('../faults/support/shared-host.ts')],
    testTimeout: 180_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: WITHIN_MS } },
  },
});
