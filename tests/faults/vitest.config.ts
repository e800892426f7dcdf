import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import server from '../server/vitest.config.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { FAULTS = 'short', SEED = String(Date.now() % 1_000_000) } = process.env;
const testTimeout = FAULTS === 'long' ? 1_800_000 : 120_000;
/** One file at a time: they measure. All files of a run have one seed. */
const common = { testTimeout, hookTimeout: 120_000, fileParallelism: false, env: { FAULTS, SEED } };

/** Faults on the real runtime: from inside of it, and from outside with the server as `npm start` starts it. */
export default defineConfig({
  root: here('../..'),
  test: {
    projects: [
      {
        // The tools that the others are made with.
        test: {
          ...common,
          name: 'tools',
          include: [here('./{checker,support}/**/*.test.ts')],
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...server,
        test: {
          ...server.test,
          ...common,
          name: 'runtime',
          include: [here('../server/fault-*.test.ts')],
          exclude: [],
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Mostly waiting, with little said: these go side by side.
        test: {
          ...common,
          fileParallelism: true,
          name: 'quiet',
          include: [here('./quiet/*.test.ts')],
          globalSetup: [here('./support/shared-host.ts')],
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...common,
          name: 'faults',
          include: [here('./*.test.ts')],
          globalSetup: [here('./support/shared-host.ts')],
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
