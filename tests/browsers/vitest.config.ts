import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const place = (url: string) => fileURLToPath(url);

/** The main way in browsers that are not Chromium: those that are installed, each started once, one after the other. */
export default defineConfig({
  root: place(import.meta.resolve('../..')),
  test: {
    name: 'browsers',
    include: ['tests/browsers/*.test.ts'],
    globalSetup: [
      place(import.meta.resolve('./support/absent.ts')),
      place(import.meta.resolve('../e2e/support/pages.ts')),
      place(import.meta.resolve('../faults/support/shared-host.ts')),
    ],
    fileParallelism: false,
    // A machine may have none of them.
    passWithNoTests: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
