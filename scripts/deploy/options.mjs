/** What may follow `npm run deploy --`. */
import { commandLine, wrong } from '../lib/command-line.mjs';

const HELP = `npm run deploy -- [options]

  --name NAME           name of the Worker, its database and its namespace (default: as wrangler.toml says)
  --domain HOST         serve it on a domain of yours, whose zone is on the account
  --turnstile SITE_KEY  ask everybody for a Turnstile challenge; asks for the widget's secret key
  --dry-run             build and bundle everything, upload nothing; needs no account
  --destroy             delete the site with all its shows; asks for its name first
  --help                this text
`;
/** A name that a Worker, a database and part of a hostname can have. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const HOST = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/;
/** Turnstile's public test keys (developers.cloudflare.com/turnstile/troubleshooting/testing), which pass or fail everybody. */
const TEST_KEY = /^[123]x0+/;

/**
 * @typedef {object} DeployOptions
 * @property {string | undefined} name
 * @property {string | undefined} domain
 * @property {string | undefined} turnstile site key
 * @property {boolean} isDry
 * @property {boolean} destroys
 */

/**
 * Reads the options.
 * @param {string[]} args
 * @returns {DeployOptions}
 * @throws {import('../lib/stop.mjs').Stop} for the help, and with exit code 2 and what was wrong
 */
export function parseDeployOptions(args) {
  const text = { type: /** @type {const} */ ('string') };
  const flag = { type: /** @type {const} */ ('boolean'), default: false };
  const options = { name: text, domain: text, turnstile: text, 'dry-run': flag, destroy: flag };
  const { values } = commandLine(HELP, { args, options });
  const { name, domain, turnstile, 'dry-run': isDry, destroy: destroys } = values;
  if (name !== undefined && !NAME.test(name))
    throw wrong(`--name takes small letters, digits and hyphens, at most 63, not "${name}".`);
  if (domain !== undefined && !HOST.test(domain))
    throw wrong(`--domain takes a hostname such as show.example.com, not "${domain}".`);
  if (turnstile !== undefined) refuseTestKey(turnstile, '--turnstile');
  if (destroys && (isDry || domain !== undefined || turnstile !== undefined))
    throw wrong('--destroy goes with --name only.');
  return { name, domain, turnstile, isDry, destroys };
}

/**
 * @param {string} siteKey
 * @param {string} where it was given
 * @throws {import('../lib/stop.mjs').Stop} when it is empty or lets everybody in
 */
export function refuseTestKey(siteKey, where) {
  if (siteKey.trim() === '') throw wrong(`${where} takes the site key of a Turnstile widget.`);
  if (TEST_KEY.test(siteKey))
    throw wrong(`${where} is one of Turnstile's public test keys, which let everybody in: use a real one.`);
}
