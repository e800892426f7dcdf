/** A client of the HTTP API for programs outside of a browser. */

import { setTimeout } from 'node:timers/promises';
import { forEach } from '../lib/at-once.mjs';
import { printable } from '../lib/printable.mjs';

/**
 * @typedef {object} Session
 * @property {string} token
 * @property {string} show
 * @property {string} label
 * @property {string[]} skuIds
 */

/** Logins in flight at once: a venue's phones do not join in one instant either. */
const JOINS_AT_ONCE = 16;

/** Thrown for a call that was refused; `code` and `retryAfterMs` are those of the answer. */
export class Refused extends Error {
  /**
   * @param {string} path
   * @param {{ code?: string, message?: string, retryAfterMs?: number }} error
   */
  constructor(path, { code = 'UNKNOWN', message = '', retryAfterMs = 0 }) {
    super(printable(`${path} was refused: ${code} ${message}`));
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The API of one site. */
export class Site {
  /** @param {string} url such as `http://127.0.0.1:8787` */
  constructor(url) {
    this.url = url.replace(/\/$/, '');
  }

  /**
   * Calls the API.
   * @param {string} path below `/api`
   * @param {{ body?: unknown, token?: string, key?: string }} [call] a body is sent by POST
   * @returns {Promise<any>} the answer's `data`, as the contract has it
   * @throws {Refused}
   */
  async call(path, { body, token, key } = {}) {
    const answer = await fetch(`${this.url}/api${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const envelope = text.startsWith('{') ? JSON.parse(text) : { error: { message: text.slice(0, 200) } };
    if (!envelope.success) throw new Refused(path, envelope.error ?? {});
    return envelope.data;
  }

  /**
   * Joins a show.
   * @param {string} show
   * @returns {Promise<Session>}
   */
  async join(show) {
    for (;;) {
      try {
        return sessionOf(await this.call('/auth/login', { body: { role: 'participant', show } }));
      } catch (error) {
        // A show lets 2,000 in at once and the others a little later (docs/api.md).
        if (!(error instanceof Refused) || error.code !== 'RATE_LIMITED') throw error;
        await setTimeout(error.retryAfterMs);
      }
    }
  }

  /**
   * Joins a show as many people.
   * @param {string} show
   * @param {number} people
   * @returns {Promise<Session[]>}
   */
  async joinAll(show, people) {
    /** @type {Session[]} */
    const sessions = [];
    await forEach(Array(people).keys(), JOINS_AT_ONCE, async () => sessions.push(await this.join(show)));
    return sessions;
  }

  /**
   * Opens a show as its presenter.
   * @param {string} debugToken
   * @param {{ id: string, capacity: number, unitPrice?: number }[]} skus
   * @returns {Promise<Session>}
   */
  async openShow(debugToken, skus) {
    return sessionOf(await this.call('/auth/login', { body: { turnstileToken: debugToken, skus } }));
  }
}

/**
 * @param {{ token: string, show: string, label: string, skus: { id: string }[] }} data
 * @returns {Session}
 */
function sessionOf({ token, show, label, skus }) {
  return { token, show, label, skuIds: skus.map(({ id }) => id) };
}
