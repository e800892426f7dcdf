/**
 * Turnstile's siteverify on loopback, as it is documented (developers.cloudflare.com/turnstile/get-started/
 * server-side-validation): a token is single use, unless the same `idempotency_key` asks again. What a token should meet
 * is written into it: `<behaviour>.<anything unique>`.
 */
import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';

/** The secret that this siteverify knows. */
const SECRET = 'the secret key of the tests';

/** Tokens that a widget really made; anything else is not one. */
const GOOD = new Set(['good', 'elsewhere', 'allowed', 'signup', 'slow-once', 'cut-once', 'down-once']);

/** One question that siteverify was asked. */
interface Question {
  secret: string;
  response: string;
  idempotency_key?: string;
}

type Reply = { status: number; body: unknown } | 'never' | 'hang up';

const asked = new Map<string, string[]>();

/** Starts siteverify for the run; `GET /?token=` tells which idempotency keys asked for a token. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const token = new URL(request.url ?? '/', 'http://siteverify').searchParams.get('token');
      const reply: Reply =
        request.method === 'GET'
          ? { status: 200, body: asked.get(token ?? '') ?? [] }
          : replyTo(JSON.parse(body));
      if (reply === 'hang up') request.socket.destroy();
      if (typeof reply === 'string') return;
      response.writeHead(reply.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  project.provide('siteverify', `http://127.0.0.1:${port}/`);
  project.provide('turnstileSecret', SECRET);
  return () => closed(server);
}

function replyTo(question: Question): Reply {
  const { response: token, secret, idempotency_key: key = '' } = question;
  const keys = asked.get(token) ?? [];
  asked.set(token, [...keys, key]);
  const behaviour = token.split('.')[0];
  const isFirst = keys.length === 0;
  if (behaviour === 'slow' || (behaviour === 'slow-once' && isFirst)) return 'never';
  if (behaviour === 'cut-once' && isFirst) return 'hang up';
  if (behaviour === 'down' || (behaviour === 'down-once' && isFirst)) return { status: 502, body: {} };
  if (behaviour === 'nonsense') return { status: 200, body: 'fine' };
  if (behaviour === 'internal') return failure('internal-error');
  if (secret !== SECRET) return failure('invalid-input-secret');
  if (!GOOD.has(behaviour ?? '')) return failure('invalid-input-response');
  if (keys.some((earlier) => earlier !== key)) return failure('timeout-or-duplicate');
  const hostname =
    behaviour === 'elsewhere' ? 'shop.example' : behaviour === 'allowed' ? 'other.example' : 'demo.test';
  const action = behaviour === 'signup' ? 'signup' : 'login';
  const body = { success: true, challenge_ts: new Date().toISOString(), hostname, 'error-codes': [], action };
  return { status: 200, body };
}

function failure(code: string): Reply {
  return { status: 200, body: { success: false, 'error-codes': [code] } };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the tests' siteverify. */
    siteverify: string;
    turnstileSecret: string;
  }
}
