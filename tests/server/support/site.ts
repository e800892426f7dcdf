/** The server as its clients see it: requests in, parsed answers out, on whatever configuration a test needs. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env as testEnv } from 'cloudflare:workers';
import { expect } from 'vitest';
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { LoginResult, Meta } from '#lib/protocol/http.ts';
import type { Env } from '#server/env.ts';
import worker from './worker.ts';

/** The site's address in tests, unless one says otherwise. */
export const SITE = 'http://demo.test';

/** The debug token that the tests' sites accept from presenters. */
export const DEBUG_TOKEN = testEnv.DEBUG_TOKEN ?? '';

/** Changes to the bindings and variables of a test's site. */
export type Overrides = { [K in keyof Env]?: Env[K] | undefined };

/** What a call may carry. */
export interface Asked {
  method?: string;
  body?: unknown;
  token?: string | undefined;
  headers?: Record<string, string>;
  /** Address that the visitor comes from. */
  ip?: string;
  site?: string;
}

/** An answer, taken apart. */
export interface Answered<T = unknown> {
  status: number;
  headers: Headers;
  data: T;
  error: { code: ErrorCode; message: string; retryAfterMs?: number } | undefined;
  meta: Meta;
}

/** A site with its own configuration, on the storage of the test. */
export class TestSite {
  readonly env: Env;

  constructor(overrides: Overrides = {}) {
    this.env = { ...testEnv, ...overrides } as Env;
  }

  /** Sends a request, and waits for what the server goes on doing after its answer. */
  async send(request: Request): Promise<Response> {
    const ctx = createExecutionContext();
    const handle = worker.fetch;
    if (!handle) throw new Error('The Worker has no handler.');
    const response = await handle(request as Request<unknown, IncomingRequestCfProperties>, this.env, ctx);
    await waitOnExecutionContext(ctx);
    return response;
  }

  /** Calls the API: a body is sent as JSON by POST. Checks the envelope of whatever comes back. */
  async call<T = unknown>(path: string, asked: Asked = {}): Promise<Answered<T>> {
    return openEnvelope<T>(await this.send(requestFor(path, asked)));
  }

  /** Opens a show as a presenter with the debug token. */
  async openShow(body: Record<string, unknown> = {}): Promise<LoginResult> {
    return (await logIn(this, { turnstileToken: DEBUG_TOKEN, ...body })).data;
  }

  /** Joins a show as a participant. */
  async join(show: string): Promise<LoginResult> {
    const { data } = await this.call<LoginResult>('/api/auth/login', { body: { role: 'participant', show } });
    return data;
  }
}

/** An address in a network that no other call of the test comes from. */
export function freshAddress(): string {
  const [, a, b] = crypto.randomUUID().split('-');
  return `2001:db8:${a}:${b}::1`;
}

/** Logs in from an address that is not limited yet. */
export function logIn(site: TestSite, body: unknown, asked: Asked = {}): Promise<Answered<LoginResult>> {
  return site.call<LoginResult>('/api/auth/login', { body, ip: freshAddress(), ...asked });
}

/** A show with a presenter and a participant, on its own configuration. */
export async function newShow(body: Record<string, unknown> = {}, overrides: Overrides = {}) {
  const on = new TestSite(overrides);
  const presenter = await on.openShow(body);
  const participant = await on.join(presenter.show);
  const call = <T>(path: string, asked: Asked = {}) =>
    on.call<T>(path, { token: presenter.token, ip: freshAddress(), ...asked });
  const asParticipant = <T>(path: string, asked: Asked = {}) =>
    on.call<T>(path, { token: participant.token, ...asked });
  return { on, presenter, participant, call, asParticipant };
}

/** An order of the default SKU. */
export function order(body: Record<string, unknown> = {}, key?: string): Asked {
  return {
    body: { skuId: 'ticket', ...body },
    headers: key === undefined ? {} : { 'idempotency-key': key },
  };
}

/** The request of a call. */
export function requestFor(path: string, asked: Asked): Request {
  const headers = new Headers(asked.headers);
  if (asked.token !== undefined) headers.set('authorization', `Bearer ${asked.token}`);
  if (asked.body !== undefined && !headers.has('content-type'))
    headers.set('content-type', 'application/json');
  headers.set('cf-connecting-ip', asked.ip ?? '192.0.2.1');
  const body = typeof asked.body === 'string' ? asked.body : JSON.stringify(asked.body);
  const method = asked.method ?? (asked.body === undefined ? 'GET' : 'POST');
  return new Request(`${asked.site ?? SITE}${path}`, {
    method,
    headers,
    ...(asked.body === undefined ? {} : { body }),
  });
}

/** Checks that a response is the envelope, the whole envelope, with the headers of every answer; and opens it. */
export async function openEnvelope<T>(response: Response): Promise<Answered<T>> {
  const { status, headers } = response;
  const body: Record<string, unknown> = await response.json();
  expect(headers.get('content-type')).toMatch(/^application\/json/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(Object.keys(body).sort()).toEqual(
    body['success'] ? ['data', 'meta', 'success'] : ['error', 'meta', 'success'],
  );
  expect(body['success']).toBe(status < 400);
  const meta = body['meta'] as Meta;
  expect(Object.keys(meta).sort()).toEqual(
    ['guardrailTriggered', 'ledger', 'requestId', 'timestamp', 'virtualCosts'].sort(),
  );
  expect(Object.keys(meta.ledger).sort()).toEqual(LEDGER_KEYS);
  const error = body['error'] as Answered['error'];
  if (error?.retryAfterMs !== undefined) {
    expect(headers.get('retry-after')).toBe(String(Math.ceil(error.retryAfterMs / 1_000)));
  }
  return { status, headers, data: body['data'] as T, error, meta };
}

const LEDGER_KEYS = [
  'billingScale',
  'exposureUsd',
  'limitUsd',
  'lines',
  'loadFactor',
  'locked',
  'platformUsd',
  'realUsd',
  'tapsUsd',
  'virtualUsd',
];
