/**
 * The calls that a rehearsal knows, one handler each. What is wrong is found in the order of the live API: the session and its
 * role (calls.ts), the body, the key, the room, and then what the room says.
 */
import type { Read } from '#lib/protocol/body.ts';
import { readEpoch, readFields, readJson, readKey } from '#lib/protocol/body.ts';
import type { Role, SessionRecord } from '#lib/protocol/http.ts';
import {
  allocateBody,
  controlBody,
  guardrailBody,
  loginBody,
  resetBody,
  ROLES,
  rushBody,
} from '#lib/protocol/http.ts';
import { allocate } from '#lib/room/allocate.ts';
import type { Intent } from '#lib/room/call-answers.ts';
import { allocateResult, callRefusal, requestOf, stateFor, verdictOf } from '#lib/room/call-answers.ts';
import { rush } from '#lib/room/rush.ts';
import { MAX_SECONDS, MAX_SHOPPERS } from './crowd.ts';
import type { CrowdOrder } from './crowd.ts';
import { refused } from './envelope.ts';
import type { Result } from './envelope.ts';
import { randomFor, uuidFrom } from './random.ts';
import type { Room } from './room.ts';
import type { Session, Show } from './show.ts';
import { callerOf } from './show.ts';

/** People who are told "now" press within so long, milliseconds. */
const BREATH_MS = 250;

/** A call of somebody who is in the show. */
export interface Asked {
  show: Show;
  session: Session;
  query: URLSearchParams;
  body: string;
  /** The `Idempotency-Key` as it was sent; null when there is none. */
  key: string | null;
  /** The epoch that it names, as it was sent; null when it names none. */
  epoch: string | null;
  /** True where the caller says that no person made it. */
  sim: boolean;
  answer: (result: Result) => void;
  /** Says which room the call is charged to, and whose figures the answer has. */
  concerns: (room: Room) => void;
}

interface Handler {
  only?: Role;
  run: (asked: Asked) => void;
}

/** Handlers by method and path. */
export const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET /auth/me': { run: ({ show, session, answer }) => answer({ data: me(show, session) }) },
  'POST /auth/renew': {
    run: ({ show, session, answer }) => answer({ data: { expiresAt: show.renew(session.role) } }),
  },
  'POST /auth/logout': {
    run: ({ show, session, answer }) => {
      if (session.role === 'presenter') show.end('presenter');
      show.forget(session);
      answer({ data: { loggedOut: true } });
    },
  },
  'GET /demo/state': look(({ core }, { session }) => ({ data: stateFor(core, session.label) })),
  'GET /demo/audit': look((room) => ({ data: room.audit() })),
  'GET /demo/log': look((room) => ({ file: room.exportLog() })),
  'POST /demo/allocate': { run: order },
  'POST /demo/control': present(fieldsOf(controlBody), (room, body, { session, answer }) => {
    const refusal = room.control(session.label, body);
    answer(refusal ? { refusal } : { data: room.core.fullState() });
  }),
  'POST /demo/guardrail': present(fieldsOf(guardrailBody), (room, { action }, { answer }) => {
    room.guardrail(action);
    answer({ data: room.core.fullState() });
  }),
  'POST /demo/reset': { only: 'presenter', run: reset },
  'POST /demo/rush': present(fieldsOf(rushBody), (room, body, { show, answer }) => {
    const { skuId, count, units = 1, mode = null } = body;
    const round = show.nextRound();
    const random = randomFor(show.beginning.seed, `${skuId} rush ${round}`);
    const shoppers = { op: () => uuidFrom(random), inMs: () => random() * BREATH_MS };
    rush(room.core, { count, units, mode, name: String(round), ...shoppers }, (data) =>
      answer(data && 'code' in data ? { refusal: data } : { data }),
    );
  }),
  // What only a rehearsal has: a crowd that goes on, with a seed.
  'GET /rehearsal/crowd': {
    only: 'presenter',
    ...look(({ core }, { show }) => ({ data: { crowd: show.crowd(core.memory.opening.sku.id) } })),
  },
  'POST /rehearsal/crowd': present(readCrowd, (_room, { skuId, ...crowd }, { show, answer }) =>
    answer({ data: { crowd: show.letIn(skuId, crowd) } }),
  ),
  'POST /rehearsal/crowd/stop': present(fieldsOf(controlBody), (_room, { skuId }, { show, answer }) => {
    show.stopCrowd(skuId);
    answer({ data: { crowd: show.crowd(skuId) } });
  }),
};

/** A call that reads the room which its query names. */
function look(read: (room: Room, asked: Asked) => Result): Handler {
  return {
    run: (asked) => {
      const room = roomFor(asked, asked.query.get('skuId') ?? '', 'read');
      if (room) asked.answer(read(room, asked));
    },
  };
}

/** A presenter's call that changes the room which its body names. */
function present<B extends { skuId: string }>(
  read: (json: unknown) => Read<B>,
  act: (room: Room, body: B, asked: Asked) => void,
): Handler {
  return {
    only: 'presenter',
    run: (asked) => {
      const body = readBody(asked.body, read);
      if (!body.ok) return asked.answer(body);
      const room = roomFor(asked, body.value.skuId, 'present');
      if (room) act(room, body.value, asked);
    },
  };
}

/** The room of a SKU; null when the call was refused. */
function roomFor({ show, session, answer, concerns }: Asked, skuId: string, intent: Intent): Room | null {
  const room = show.rooms.get(skuId);
  if (!room) {
    answer(notSold(show));
    return null;
  }
  concerns(room);
  const refusal = callRefusal(room.core, callerOf(session), intent);
  if (refusal) answer({ refusal });
  return refusal ? null : room;
}

function order(asked: Asked): void {
  const { show, session, sim, answer } = asked;
  const body = readBody(asked.body, fieldsOf(allocateBody));
  if (!body.ok) return answer(body);
  const op = readKey(asked.key ?? show.freshKey());
  if (!op.ok) return answer(op);
  const epoch = readEpoch(asked.epoch);
  if (!epoch.ok) return answer(epoch);
  const { skuId, units = 1, mode = null } = body.value;
  const room = roomFor(asked, skuId, 'change');
  if (!room) return;
  if (!show.claims(op.value, `allocate ${session.token} ${skuId}`)) return answer(REUSED);
  const request = requestOf(callerOf(session), { op: op.value, units, mode, epoch: epoch.value, sim });
  allocate(room.core, request, 'call', (said) => {
    if (said.kind === 'nack') return answer(said);
    const data = { ...allocateResult(room.core.memory, said), opId: asked.key ?? op.value };
    const verdict = verdictOf(data.lanes);
    answer(verdict.refusal ? verdict : { data, status: verdict.status });
  });
}

function reset(asked: Asked): void {
  const { show, session, answer } = asked;
  const body = readBody(asked.body || '{}', fieldsOf(resetBody));
  if (!body.ok) return answer(body);
  const key = readKey(asked.key ?? show.freshKey());
  if (!key.ok) return answer(key);
  const { skuId } = body.value;
  const skuIds = skuId === undefined ? [...show.rooms.keys()] : [skuId];
  const room = show.rooms.get(skuIds[0]!);
  if (!room) return answer(notSold(show));
  if (!show.claims(key.value, `reset ${skuIds.join(' ')}`)) return answer(REUSED);
  asked.concerns(room);
  const refusal = show.reset(skuIds, session.label, key.value, (epochs) => answer({ data: { epochs } }));
  if (refusal) answer({ refusal });
}

/** Who comes in by login. */
export function login(show: Show, text: string): Result {
  const body = readBody(text, fieldsOf(loginBody));
  if (!body.ok) return body;
  const { token, label, role } = show.join(body.value.role ?? ROLES[0]);
  const { show: code, skus } = show.beginning;
  return { data: { token, sessionId: token, role, show: code, label, skus, expiresAt: show.closesAtMs } };
}

function me(show: Show, { token, label, role }: Session) {
  const { show: code } = show.beginning;
  // Nothing is kept about anybody: a rehearsal never leaves this browser.
  const stored: SessionRecord | null = null;
  return { sessionId: token, role, show: code, label, expiresAt: show.closesAtMs, stored };
}

function readBody<B>(text: string, read: (json: unknown) => Read<B>): Read<B> {
  const json = readJson(text);
  return json.ok ? read(json.value) : json;
}

function fieldsOf<S extends Parameters<typeof readFields>[0]>(schema: S) {
  return (json: unknown) => readFields(schema, json);
}

function readCrowd(json: unknown): Read<CrowdOrder & { skuId: string }> {
  const { skuId, shoppers, seconds, seed } = Object(json) as Record<string, unknown>;
  const isWhole = (value: unknown, least: number, most: number): value is number =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  if (!isWhole(shoppers, 1, MAX_SHOPPERS) || !isWhole(seconds, 1, MAX_SECONDS)) return CROWD_REFUSED;
  if (!isWhole(seed, 0, 999_999)) return CROWD_REFUSED;
  return { ok: true, value: { skuId: String(skuId), shoppers, seconds, seed } };
}

const CROWD_WORDS = `Whole numbers: shoppers 1 to ${MAX_SHOPPERS}, seconds 1 to ${MAX_SECONDS}, seed 0 to 999999.`;
const CROWD_REFUSED = { ok: false, ...refused('INVALID_REQUEST', CROWD_WORDS) } as const;
const REUSED = refused(
  'IDEMPOTENCY_KEY_REUSED',
  'This Idempotency-Key has asked for something else. Nothing was done.',
);

function notSold(show: Show): Result {
  return refused('INVALID_SKU', `skuId: this show sells ${[...show.rooms.keys()].join(', ')}.`);
}
