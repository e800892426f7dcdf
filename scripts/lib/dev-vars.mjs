/** `.dev.vars`: the secrets of local runs. Made once, never overwritten, readable by its owner alone. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { writeFailure } from './stop.mjs';

/** Secrets that a local run needs, and their length in random bytes. */
const SECRETS = { DEBUG_TOKEN: 32, SESSION_SECRET: 48 };
const OWNER_ONLY = 0o600;
const HEADER =
  '# Secrets of local runs, made by `npm start`. Never commit this file; delete it to get fresh ones.\n';

/**
 * Makes sure that the file has every secret that a local run needs: existing values stay, missing or empty ones are made.
 * @param {string} path
 * @returns {Map<string, string>} all that the file holds
 */
export function ensureDevVars(path) {
  try {
    const before = existsSync(path) ? readFileSync(path, 'utf8') : HEADER;
    const after = completeDevVars(before);
    if (after !== before || !existsSync(path)) {
      // Written by renaming, so that an interrupted start leaves the old file or the new one, never a part.
      const draft = `${path}.${process.pid}`;
      writeFileSync(draft, after, { mode: OWNER_ONLY });
      renameSync(draft, path);
    }
    chmodSync(path, OWNER_ONLY);
    return parseDevVars(after);
  } catch (error) {
    throw writeFailure(error, path);
  }
}

/** @param {string} text the file as it is @returns {string} the file with every secret */
function completeDevVars(text) {
  const values = parseDevVars(text);
  const missing = Object.entries(SECRETS).filter(([name]) => !values.get(name));
  if (missing.length === 0) return text;
  const names = new Set(missing.map(([name]) => name));
  // An empty line of the same name is removed, because parsers differ in which of two lines counts.
  const kept = text.split('\n').filter((line) => !names.has(nameOf(line)));
  const base = kept.join('\n').replace(/\n*$/, '\n');
  const lines = missing.map(([name, bytes]) => `${name}=${randomBytes(bytes).toString('base64url')}\n`);
  return base + lines.join('');
}

/**
 * The names and values of a dotenv file, as far as secrets need it: `NAME=value`, quoted or not, `export` allowed.
 * @param {string} text
 * @returns {Map<string, string>}
 */
export function parseDevVars(text) {
  /** @type {Map<string, string>} */
  const values = new Map();
  for (const line of text.split('\n')) {
    const name = nameOf(line);
    if (name === '') continue;
    const raw = line.slice(line.indexOf('=') + 1).trim();
    const quoted = /^(['"`])(.*)\1/.exec(raw);
    values.set(name, quoted?.[2] ?? raw.replace(/\s+#.*$/, ''));
  }
  return values;
}

/** @param {string} line */
function nameOf(line) {
  return /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=/.exec(line)?.[1] ?? '';
}
