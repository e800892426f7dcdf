import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import server from '../server/vitest.config.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { FAULTS = 'short', SEED = String(Date.now() % 1_000_000) } = process.env;
const isLong = FAULTS === 'long';
/** All files of a run have one seed. */
const common = {
  testTimeout: isLong ? 1_800_000 : 120_000,
  hookTimeout: 120_000,
  env: { FAULTS, SEED },
};
/** The long form measures everything, and gives each file the machine; the short one allows four times as much. */
const sideBySide = (files: number, groupOrder: number) => ({
  ...common,
  maxWorkers: isLong ? 1 : files,
  sequence: { groupOrder },
});

/** Faults on the real runtime: from inside of it, and from outside with the server as `npm start` starts it. */
export default defineConfig({
  root: here('../..'),
  test: {
    projects: [
      {
        // Mostly waiting, with little said: they begin, and the next two fill the time.
        test: {
          ...sideBySide(3, 1),
          name: 'quiet',
          include: [here('./quiet/*.test.ts')],
          globalSetup: [here('./support/shared-host.ts')],
        },
      },
      {
        ...server,
        test: {
          ...server.test,
          ...sideBySide(3, 1),
          name: 'runtime',
          include: [here('../server/fault-*.test.ts')],
          exclude: [],
        },
      },
      {
        // The tools that the others are made with.
        test: {
          ...sideBySide(3, 1),
          name: 'tools',
          include: [here('./{checker,support}/**/*.test.ts')],
        },
      },
      {
        // Each kills a server of its own, and waits until it is up again.
        test: { ...sideBySide(2, 3), name: 'kills', include: [here('./kills/*.test.ts')] },
      },
      {
        // These measure what a crowd feels, on one server.
        test: {
          ...sideBySide(1, 4),
          name: 'faults',
          include: [here('./*.test.ts')],
          globalSetup: [here('./support/shared-host.ts')],
        },
      },
    ],
  },
});
