import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const isLong = process.env['FAULTS'] === 'long';

/** Faults on the real runtime: plain Node outside, the server as `npm start` starts it. One file at a time: they measure. */
export default defineConfig({
  root: here('../..'),
  test: {
    name: 'faults',
    include: ['tests/faults/**/*.test.ts'],
    globalSetup: [here('./support/shared-host.ts')],
    fileParallelism: false,
    testTimeout: isLong ? 1_800_000 : 120_000,
    hookTimeout: 120_000,
  },
});
