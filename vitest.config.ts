import { defineConfig } from 'vitest/config';

/** Vitest leaves one core to itself and would use one worker on two; these wait for the processes that they start. */
const SIDE_BY_SIDE = 2;

/** Projects: pure code on Node, and the server on real workerd with real D1, KV and Durable Objects. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          maxWorkers: SIDE_BY_SIDE,
          include: ['tests/{domain,protocol,client,scripts,verify}/**/*.test.ts', 'tests/*.test.ts'],
          // Some read the whole source, on machines that have other things to do.
          testTimeout: 30_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      './tests/server/vitest.config.ts',
    ],
  },
});
