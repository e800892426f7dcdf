/**
 * The secrets of a deployment. Missing ones are made here and go to Cloudflare in a file that only its owner can read; it
 * is deleted once they are there. What is there already can be read by nobody.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder } from '../lib/folder.mjs';
import { Stop } from '../lib/stop.mjs';
import { ask } from './ask.mjs';
import { refuseTestKey } from './options.mjs';

const OWNER_ONLY = 0o600;

/** Secrets by name. @typedef {Record<string, string>} Secrets */

/**
 * Which secrets have to be made, and whether Turnstile's has to be asked for.
 * @param {ReadonlySet<string>} there names of those that the Worker has
 * @param {{ siteKey: string, deployedKey: string }} turnstile the site key that is wanted and the deployed one; empty without
 * @returns {{ made: string[], asksTurnstile: boolean }}
 * @throws {Stop} when a Turnstile secret has lost its site key
 */
export function missingSecrets(there, { siteKey, deployedKey }) {
  const hasTurnstile = there.has('TURNSTILE_SECRET_KEY');
  if (hasTurnstile && siteKey === '')
    throw new Stop(
      'There is a secret TURNSTILE_SECRET_KEY but no site key: pass --turnstile SITE_KEY, or delete the secret with `npx wrangler secret delete TURNSTILE_SECRET_KEY`.',
    );
  const made = there.has('SESSION_SECRET') ? [] : ['SESSION_SECRET'];
  // With Turnstile presenters come in by the challenge; a link beside it is their own choice.
  if (siteKey === '' && !there.has('DEBUG_TOKEN')) made.push('DEBUG_TOKEN');
  return { made, asksTurnstile: siteKey !== '' && (!hasTurnstile || siteKey !== deployedKey) };
}

/**
 * Keeps secrets in a file until they are deployed. Those of a run that was stopped before are taken again, because nobody
 * knows whether they have arrived.
 */
class PendingSecrets {
  #file;

  /** @param {string} folder of the deployment */
  constructor(folder) {
    ensureFolder(folder);
    this.#file = join(folder, 'secrets.json');
  }

  /** @returns {Secrets} of a run that was stopped; none usually */
  read() {
    if (!existsSync(this.#file)) return {};
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch {
      // It was being written: nothing in it was ever used.
      return {};
    }
  }

  /** @param {Secrets} secrets @returns {string} path of the file */
  write(secrets) {
    this.forget();
    writeFileSync(this.#file, JSON.stringify(secrets), { mode: OWNER_ONLY });
    return this.#file;
  }

  forget() {
    rmSync(this.#file, { force: true });
  }
}

/**
 * Collects the secrets that have to be uploaded; asks for Turnstile's.
 * @param {string} folder of the deployment
 * @param {string} siteKey of Turnstile; empty without
 * @param {import('./account.mjs').DeployedWorker | undefined} worker
 */
export async function collectSecrets(folder, siteKey, worker) {
  const pending = new PendingSecrets(folder);
  const before = pending.read();
  const deployedKey = worker?.siteKey ?? '';
  const { made, asksTurnstile } = missingSecrets(worker?.secrets ?? new Set(), { siteKey, deployedKey });
  /** @type {Secrets} */
  const secrets = { ...before };
  for (const name of made) secrets[name] ??= newSecret(name);
  if (asksTurnstile) secrets['TURNSTILE_SECRET_KEY'] = await turnstileSecret(siteKey);
  return { pending, secrets };
}

/** @param {string} siteKey */
async function turnstileSecret(siteKey) {
  const secret = await ask(`The secret key of the Turnstile widget ${siteKey} (it is not shown):`, true);
  refuseTestKey(secret, 'The secret key');
  return secret;
}

/** @param {string} name @returns a random value of the length that the Worker asks for */
function newSecret(name) {
  return randomBytes(name === 'SESSION_SECRET' ? 48 : 32).toString('base64url');
}
