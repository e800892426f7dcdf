/** Looks for the server's secrets in what browsers load; SvelteKit guards `$lib/server` only, not src/server. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the pages' build leaves what browsers load. */
export const CLIENT_BUNDLE = join('.svelte-kit', 'output', 'client');

const SECRET_NAMES = ['DEBUG_TOKEN', 'SESSION_SECRET', 'TURNSTILE_SECRET_KEY'];

/**
 * Finds names of secrets in the files that browsers load.
 * @param {string} folder what browsers load
 * @returns {string[]} a line for each file and the secret that it names
 */
export function secretsIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => {
      const text = readFileSync(path, 'utf8');
      return SECRET_NAMES.filter((name) => text.includes(name)).map((name) => `${path} names ${name}`);
    });
}
