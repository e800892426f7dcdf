import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProvidedContext } from 'vitest';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Secrets of the tests: made up here, good for nothing else. */
export const TEST_SECRETS = {
  SESSION_SECRET: 'a test secret of more than thirty-two bytes, worth nothing',
  DEBUG_TOKEN: 'a debug token for tests of more than 32 characters',
};

/** States that code of before has stored, as `support/old-state.ts` takes them. */
function oldStates() {
  const folder = here('./fixtures');
  return readdirSync(folder)
    .filter((name) => name.startsWith('tables-'))
    .map((name) => {
      const read = (file: string) => readFileSync(`${folder}/${name}/${file}`, 'utf8');
      return { name, room: read('room.sql'), database: read('database.sql'), told: read('told.json') };
    });
}

/** The server's Worker on the real runtime, with more variables where a set of tests has them to tell. */
export const serverPool = (vars: (inject: Inject) => Record<string, string> = () => ({})) =>
  cloudflareTest(async ({ inject }) => ({
    main: here('./support/worker.ts'),
    wrangler: { configPath: here('./wrangler.test.toml') },
    miniflare: {
      bindings: {
        ...TEST_SECRETS,
        TEST_MIGRATIONS: await readD1Migrations(here('../../migrations')),
        OLD_STATES: oldStates(),
        ...vars(inject),
      },
    },
  }));

/** What a global set-up has provided. */
type Inject = <K extends keyof ProvidedContext>(key: K) => ProvidedContext[K];

export default defineConfig({
  plugins: [serverPool()],
  test: {
    name: 'server',
    // Vitest leaves one core to itself and would use one worker on two; files wait for rooms that look, settle and fall asleep.
    maxWorkers: 2,
    include: [here('./**/*.test.ts')],
    // Those are part of the fault suite.
    exclude: [here('./fault-*.test.ts')],
    globalSetup: [here('./support/siteverify.ts')],
    setupFiles: [here('./support/migrate.ts')],
    testTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
