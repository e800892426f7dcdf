import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** `npm run deploy` as a command, with the real wrangler, against a local server that keeps the API's contract. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    name: 'deploy',
    include: ['tests/deploy/*.test.ts'],
    // Each test runs the command several times, and each run starts wrangler.
    testTimeout: 180_000,
    // They are processes that wait for each other's answers: a few side by side fill the machine.
    maxConcurrency: 3,
  },
});
