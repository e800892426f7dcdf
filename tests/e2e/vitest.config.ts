import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { WITHIN_MS } from './support/venue.ts';

const place = (url: string) => fileURLToPath(url);

/** The whole product in a browser: pages as they are built, the server as `npm start` starts it. One file at a time. */
export default defineConfig({
  root: place(import.meta.resolve('../..')),
  test: {
    name: 'e2e',
    include: ['tests/e2e/**/*.test.ts'],
    globalSetup: [
      place(import.meta.resolve('./support/pages.ts')),
      place(import.meta.resolve('../faults/support/shared-host.ts')),
    ],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: WITHIN_MS } },
  },
});
