/** Secrets of engines: made once, kept beside their data, readable by their owner alone. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { writeFailure } from '../lib/stop.mjs';

const BYTES = 24;
const OWNER_ONLY = 0o600;

/**
 * @param {string} path
 * @returns {string} letters, digits, `-` and `_`, so that it needs no escape in an address
 * @throws {import('../lib/stop.mjs').Stop} when it cannot be kept
 */
export function keptSecret(path) {
  try {
    if (existsSync(path)) return readFileSync(path, 'utf8').trim();
    const secret = randomBytes(BYTES).toString('base64url');
    // Written by renaming, so that an interrupted start leaves no part of one.
    writeFileSync(`${path}.draft`, secret, { mode: OWNER_ONLY });
    renameSync(`${path}.draft`, path);
    return secret;
  } catch (error) {
    throw writeFailure(error, path);
  }
}
