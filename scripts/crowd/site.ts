/** A client of the HTTP API for programs outside of a browser. */
import { setTimeout as pause } from 'node:timers/promises';
import { printable } from '../lib/printable.mjs';

/** Somebody who is signed in to a show. */
export interface Session {
  token: string;
  show: string;
  label: string;
  skuIds: string[];
}
/** An answer of the API. */
interface Envelope {
  success?: boolean;
  data?: unknown;
  error?: { code?: string; message?: string; retryAfterMs?: number };
}
/** What a login answers. */
interface Login extends Omit<Session, 'skuIds'> {
  skus: { id: string }[];
}

/** Logins in flight at once: a venue's phones do not join in one instant either. */
const JOINS_AT_ONCE = 16;

/** Thrown for a call that was refused; `code` and `retryAfterMs` are those of the answer. */
export class Refused extends Error {
  readonly code: string;
  readonly retryAfterMs: number;

  constructor(path: string, { code = 'UNKNOWN', message = '', retryAfterMs = 0 }: Envelope['error'] = {}) {
    super(printable(`${path} was refused: ${code} ${message}`));
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The API of one site. */
export class Site {
  readonly url: string;

  /** @param url such as `http://127.0.0.1:8787` */
  constructor(url: string) {
    this.url = url.replace(/\/$/, '');
  }

  /**
   * Calls the API; a body is sent by POST.
   * @param path below `/api`
   * @returns the answer's `data`
   * @throws {Refused}
   */
  async call(
    path: string,
    { body, token, key }: { body?: unknown; token?: string; key?: string } = {},
  ): Promise<unknown> {
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
    const { success, data, error } = (
      text.startsWith('{') ? JSON.parse(text) : { error: { message: text.slice(0, 200) } }
    ) as Envelope;
    if (!success) throw new Refused(path, error);
    return data;
  }

  /** Joins a show. */
  join(show: string): Promise<Session> {
    return this.#login({ role: 'participant', show });
  }

  /** Joins a show as many people. */
  async joinAll(show: string, people: number): Promise<Session[]> {
    const sessions: Session[] = [];
    await forEach(Array(people).keys(), JOINS_AT_ONCE, async () => sessions.push(await this.join(show)));
    return sessions;
  }

  /** Opens a show as its presenter. */
  openShow(
    debugToken: string,
    skus: readonly { id: string; capacity: number; unitPrice?: number }[],
    lanes?: readonly string[],
  ): Promise<Session> {
    return this.#login({ turnstileToken: debugToken, skus, ...(lanes && { lanes }) });
  }

  /** Waits where too many come at once: 2,000 may join a show in one instant, ten presenters a minute from one address. */
  async #login(body: object): Promise<Session> {
    for (;;) {
      try {
        const { token, show, label, skus } = (await this.call('/auth/login', { body })) as Login;
        return { token, show, label, skuIds: skus.map(({ id }) => id) };
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== 'RATE_LIMITED') throw error;
        await pause(error.retryAfterMs);
      }
    }
  }
}

/** Does the same with each of many, so many at a time. */
export async function forEach<T>(
  all: Iterable<T>,
  atOnce: number,
  work: (each: T) => Promise<unknown>,
): Promise<void> {
  const left = [...all].values();
  const workOn = async () => {
    for (const each of left) await work(each);
  };
  await Promise.all(Array.from({ length: atOnce }, workOn));
}
