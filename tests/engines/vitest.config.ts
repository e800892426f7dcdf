import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import server, { serverPool } from '../server/vitest.config.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Engines on this machine, and the lanes that sell in them: where the engines can be had. */
export default defineConfig({
  root: here('../..'),
  test: {
    projects: [
      {
        // The engines as a start brings them: each test has its own.
        test: {
          name: 'machine',
          maxWorkers: 2,
          include: [here('./machine/*.test.ts')],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The lanes, on the real runtime and on engines that all files share: each room has rows of its own.
        plugins: [serverPool((inject) => inject('engines'))],
        test: {
          ...server.test,
          name: 'engines',
          include: [here('./*.test.ts')],
          exclude: [],
          globalSetup: [fileURLToPath(import.meta.resolve('./machine/support/shared-engines.ts'))],
        },
      },
    ],
  },
});
