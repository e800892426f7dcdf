/**
 * The HTTP contract over a rehearsed show: the same paths, bodies and envelopes that the live API has, answered in this
 * browser. What it does not know answers NOT_FOUND, as the live one does.
 */
import type { Role, SessionRecord } from '#lib/protocol/http.ts';
import { controlBody, guardrailBody, loginBody, resetBody, ROLES, rushBody } from '#lib/protocol/http.ts';
import { API } from '#lib/protocol/paths.ts';
import { MAX_SECONDS, MAX_SHOPPERS } from './crowd.ts';
import { envelope, refused } from './envelope.ts';
import type { CallAnswer, Result } from './envelope.ts';
import type { Room } from './room.ts';
import { rush } from '#lib/room/rush.ts';
import { heldBy } from '#lib/room/state.ts';
import { randomFor, uuidFrom } from './random.ts';
import type { Session, Show } from './show.ts';

/** People who are told "now" press within so long, milliseconds. */
const BREATH_MS = 250;

/** A call as it comes from a screen. */
export interface Call {
  method: string;
  /** With its query, below the API's root or not. */
  path: string;
  body: string;
  /** Header fields by their lower-case names. */
  headers: Readonly<Record<string, string>>;
}

interface Asked {
  show: Show;
  session: Session;
  query: URLSearchParams;
  json: unknown;
  key: string;
  answer: (result: Result) => void;
}

/** A schema of the protocol, by the interface that all of them have. */
interface Schema<T> {
  readonly '~standard': { validate(value: unknown): unknown; readonly types?: { output: T } | undefined };
}

/** Answers a call, at once or when what it began has settled. */
export function answerCall(show: Show, call: Call, done: (answer: CallAnswer) => void): void {
  const url = new URL(call.path, 'http://rehearsal');
  const path = url.pathname.startsWith(API) ? url.pathname.slice(API.length) : url.pathname;
  let room: Room | null = null;
  const answer = (result: Result) => done(envelope(show, room, result));
  const json = parseJson(call.body);
  if (json === undefined) return answer(refused('INVALID_JSON', 'The body is not JSON.'));
  if (path === '/auth/login' && call.method === 'POST') return answer(login(show, json));
  const handler = HANDLERS[`${call.method} ${path}`];
  if (!handler)
    return answer(refused('NOT_FOUND', 'A rehearsal does not have this. It is for the live show.'));
  const session = show.session((call.headers['authorization'] ?? '').replace('Bearer ', ''));
  if (!session) return answer(refused('UNAUTHORIZED', 'This screen is not in the rehearsal. Join it first.'));
  if (handler.only && handler.only !== session.role) {
    return answer(refused('FORBIDDEN', 'Only the presenter may do this.'));
  }
  const skuId = url.searchParams.get('skuId') ?? skuOf(json);
  if (handler.room && (skuId === null || !show.rooms.has(skuId))) {
    return answer(refused('INVALID_SKU', `skuId: this show sells ${[...show.rooms.keys()].join(', ')}.`));
  }
  room = (skuId === null ? null : show.rooms.get(skuId)) ?? null;
  room?.called();
  const key = (call.headers['idempotency-key'] ?? '').toLowerCase();
  handler.run({ show, session, query: url.searchParams, json, key, answer }, room!, skuId ?? '');
}

interface Handler {
  only?: Role;
  /** True where a room has to be named. */
  room?: boolean;
  run: (asked: Asked, room: Room, skuId: string) => void;
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET /auth/me': { run: ({ show, session, answer }) => answer({ data: me(show, session) }) },
  'POST /auth/renew': { run: ({ show, answer }) => answer({ data: { expiresAt: show.renew() } }) },
  'POST /auth/logout': {
    run: ({ show, session, answer }) => {
      if (session.role === 'presenter') show.end('presenter');
      show.forget(session);
      answer({ data: { loggedOut: true } });
    },
  },
  'GET /demo/state': {
    room: true,
    run: ({ session, answer }, room) => {
      const holdings = heldBy(room.core.memory, session.label);
      answer({ data: { ...room.core.fullState(), holdings } });
    },
  },
  'GET /demo/audit': { room: true, run: ({ answer }, room) => answer({ data: room.audit() }) },
  'GET /demo/log': { room: true, run: ({ answer }, room) => answer({ file: room.exportLog() }) },
  'POST /demo/control': {
    only: 'presenter',
    room: true,
    run: ({ session, json, answer }, room) => {
      const body = read(controlBody, json, answer);
      if (!body) return;
      room.control(session.label, body);
      answer({ data: room.core.fullState() });
    },
  },
  'POST /demo/guardrail': {
    only: 'presenter',
    room: true,
    run: ({ json, answer }, room) => {
      const body = read(guardrailBody, json, answer);
      if (!body) return;
      room.guardrail(body.action);
      answer({ data: room.core.fullState() });
    },
  },
  'POST /demo/reset': {
    only: 'presenter',
    run: ({ show, session, json, key, answer }) => {
      const body = read(resetBody, json, answer);
      if (!body) return;
      const skuId = body.skuId ?? null;
      if (skuId !== null && !show.rooms.has(skuId))
        return answer(refused('INVALID_SKU', 'skuId: not sold here.'));
      const refusal = show.reset(skuId, session.label, key, (epochs) => answer({ data: { epochs } }));
      if (refusal) answer({ refusal });
    },
  },
  'POST /demo/rush': {
    only: 'presenter',
    room: true,
    run: ({ show, json, answer }, room, skuId) => {
      const body = read(rushBody, json, answer);
      if (!body) return;
      const { count, units = 1, mode = null } = body;
      const round = show.nextRound();
      const random = randomFor(show.beginning.seed, `${skuId} rush ${round}`);
      const shoppers = {
        op: () => uuidFrom(random),
        inMs: () => random() * BREATH_MS,
      };
      rush(room.core, { count, units, mode, name: String(round), ...shoppers }, (data) => answer({ data }));
    },
  },
  // What only a rehearsal has: a crowd that goes on, with a seed.
  'GET /rehearsal/crowd': {
    only: 'presenter',
    room: true,
    run: ({ show, answer }, _room, skuId) => answer({ data: { crowd: show.crowd(skuId) } }),
  },
  'POST /rehearsal/crowd': {
    only: 'presenter',
    room: true,
    run: ({ show, json, answer }, _room, skuId) => {
      const order = readCrowd(json);
      if (!order) return answer(refused('INVALID_REQUEST', CROWD_WORDS));
      answer({ data: { crowd: show.letIn(skuId, order) } });
    },
  },
  'POST /rehearsal/crowd/stop': {
    only: 'presenter',
    room: true,
    run: ({ show, answer }, _room, skuId) => {
      show.stopCrowd(skuId);
      answer({ data: { crowd: show.crowd(skuId) } });
    },
  },
};

const CROWD_WORDS = `Whole numbers: shoppers 1 to ${MAX_SHOPPERS}, seconds 1 to ${MAX_SECONDS}, seed 0 to 999999.`;

function readCrowd(json: unknown) {
  if (typeof json !== 'object' || json === null) return null;
  const { shoppers, seconds, seed } = json as Record<string, unknown>;
  const isWhole = (value: unknown, least: number, most: number): value is number =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  if (!isWhole(shoppers, 1, MAX_SHOPPERS) || !isWhole(seconds, 1, MAX_SECONDS)) return null;
  return isWhole(seed, 0, 999_999) ? { shoppers, seconds, seed } : null;
}

function login(show: Show, json: unknown): Result {
  const parsed = loginBody['~standard'].validate(json) as Validated<{ role?: Role }>;
  if (parsed.issues) return refused('INVALID_REQUEST', parsed.issues[0]!.message);
  const { token, label, role } = show.join(parsed.value.role ?? ROLES[0]);
  const { show: code, skus } = show.beginning;
  return { data: { token, sessionId: token, role, show: code, label, skus, expiresAt: show.closesAtMs } };
}

function me(show: Show, { token, label, role }: Session) {
  const { show: code } = show.beginning;
  // Nothing is kept about anybody: a rehearsal never leaves this browser.
  const stored: SessionRecord | null = null;
  return { sessionId: token, role, show: code, label, expiresAt: show.closesAtMs, stored };
}

interface Validated<T> {
  readonly value: T;
  readonly issues?: readonly { readonly message: string }[];
}

function read<T>(schema: Schema<T>, json: unknown, answer: Asked['answer']): T | null {
  const parsed = schema['~standard'].validate(json) as Validated<T>;
  if (!parsed.issues) return parsed.value;
  answer(refused('INVALID_REQUEST', parsed.issues[0]?.message ?? 'The body is not as the contract has it.'));
  return null;
}

function parseJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function skuOf(json: unknown): string | null {
  if (typeof json !== 'object' || json === null || !('skuId' in json)) return null;
  return typeof json.skuId === 'string' ? json.skuId : null;
}
