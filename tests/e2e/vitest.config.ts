import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { WITHIN_MS } from './support/venue.ts';

const place = (url: string) => fileURLToPath(url);
/**
 * These measure how much time passes between two moments of a page, how long it is blocked, or press twice within a second: they
 * want the machine.
 */
const MEASURE = ['hold', 'presses', 'verify-files'].map((name) =>
  place(import.meta.resolve(`./${name}.test.ts`)),
);
const common = { testTimeout: 60_000, hookTimeout: 90_000, expect: { poll: { timeout: WITHIN_MS } } };

/**
 * The whole product in a browser: pages as they are built, the server as `npm start` starts it. Each file has a browser and shows of
 * its own, and waits for most of its time: two at a time, but for those that measure.
 */
export default defineConfig({
  root: place(import.meta.resolve('../..')),
  test: {
    // Once for all files: they share the server.
    globalSetup: [
      place(import.meta.resolve('./support/pages.ts')),
      place(import.meta.resolve('../faults/support/shared-host.ts')),
    ],
    projects: [
      {
        test: {
          ...common,
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          exclude: MEASURE,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'e2e, alone',
          include: MEASURE,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
