/**
 * Cloudflare's REST API, for what a deployment must know exactly (what is there, what was refused and why) and for the
 * parts that it makes by name. Uploading and migrating are wrangler's.
 */
import { errorCode, Stop } from '../lib/stop.mjs';

const BASE = process.env['CLOUDFLARE_API_BASE_URL'] ?? 'https://api.cloudflare.com/client/v4';
/** Longest wait for one answer, milliseconds. */
const WITHIN_MS = 30_000;
/** Entries of a list that are asked for at once: the most that all lists allow. */
const PAGE = 50;
/** The right that a token needs, by path (developers.cloudflare.com/fundamentals/api/reference/permissions). */
const RIGHTS = /** @type {const} */ ([
  [/\/d1\//, 'D1: Edit'],
  [/\/storage\/kv\//, 'Workers KV Storage: Edit'],
  [/\/workers\//, 'Workers Scripts: Edit'],
  [/^\/accounts/, 'Account Settings: Read'],
]);
/** Codes of the API for a token that is not valid, or not for this. */
const NOT_ALLOWED = new Set([9109, 10000, 10001, 10013]);

/** Code for a Worker, or a name below workers.dev, that does not exist. */
const NOT_THERE = 10007;

/** An answer of the API that says no. */
class Refusal extends Stop {
  /** @param {string} sentence @param {number} status @param {number} code Cloudflare's own */
  constructor(sentence, status, code) {
    super(sentence);
    this.status = status;
    this.code = code;
  }
}

/** @typedef {ReturnType<typeof connect>} Api */

/** @param {string} token */
export function connect(token) {
  /**
   * @param {string} path below the API's base
   * @param {string} [method]
   * @param {unknown} [body] sent as JSON
   * @returns {Promise<any>} the answer's `result`
   * @throws {Stop} when nobody answers; {@link Refusal} when the API says no
   */
  async function call(path, method = 'GET', body) {
    const answer = await fetch(`${BASE}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(WITHIN_MS),
    }).catch((/** @type {unknown} */ error) => {
      throw new Stop(`Cloudflare could not be reached (${reasonOf(error)}).`);
    });
    const envelope = await answer.json().catch(() => undefined);
    if (answer.ok && envelope?.success === true) return envelope.result;
    const first = envelope?.errors?.[0];
    throw refused(path, answer.status, first?.code ?? 0, first?.message ?? 'an answer that is no JSON');
  }

  /**
   * @param {string} path of a list
   * @returns {Promise<any[]>} all of its pages
   */
  async function list(path) {
    const all = [];
    for (let page = 1; ; page++) {
      const entries = await call(`${path}?per_page=${PAGE}&page=${page}`);
      all.push(...entries);
      if (entries.length < PAGE) return all;
    }
  }

  return { call, list };
}

/**
 * @template T
 * @param {Promise<T>} asked
 * @returns {Promise<T | undefined>} undefined when what was asked for does not exist
 */
export async function ifThere(asked) {
  try {
    return await asked;
  } catch (error) {
    const isMissing = error instanceof Refusal && (error.status === 404 || error.code === NOT_THERE);
    if (isMissing) return undefined;
    throw error;
  }
}

/** @param {string} path @param {number} status @param {number} code @param {string} message */
function refused(path, status, code, message) {
  const said = `Cloudflare refused: ${message} (code ${code}, status ${status}).`;
  const isNotAllowed = status === 401 || status === 403 || NOT_ALLOWED.has(code);
  const right = RIGHTS.find(([pattern]) => pattern.test(path))?.[1];
  return new Refusal(isNotAllowed && right ? `${said}\n${lacks(right)}` : said, status, code);
}

/** What is said of a token without a right. @param {string} right */
export function lacks(right) {
  return `The token lacks the right “${right}”, or belongs to another account: docs/deploy.md lists the rights.`;
}

/** @param {unknown} error of fetch */
function reasonOf(error) {
  const { cause, name } = /** @type {{ cause?: unknown, name?: string }} */ (error);
  return name === 'TimeoutError'
    ? `no answer within ${WITHIN_MS / 1000} s`
    : errorCode(cause) || String(error);
}
