/** Messages that clients send on a room's socket. They are parsed once, here; behind it their types are trusted. */
import * as v from 'valibot';
import { GUESS_ACTIONS, GUESS_QUESTIONS } from '#lib/domain/guess-questions.ts';
import { DISTANCES_MS } from '#lib/domain/engines.ts';
import { STEPS } from '#lib/domain/script.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import { mode, units, uuid } from './fields.ts';
import { MAX_PRACTICE } from './limits.ts';
import { object } from './object.ts';

/** A step of the script. */
export const step = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(STEPS));
/** How far away the engine of one lane is to be. Which lanes can be, and how far, the room says. */
export const distance = object({ lane: v.picklist(LANE_IDS), ms: v.picklist(DISTANCES_MS) });
/** What a presenter can do to the guardrail by hand. */
export const guardrailAction = v.picklist(['trip', 'clear']);

const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Taps of one phone in one message: more than a thumb makes in a second. */
const practiceTaps = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_PRACTICE));
/** A duration on the client's monotonic clock, milliseconds; ten minutes is longer than any op stays pending on a socket. */
const roundTrip = v.pipe(v.number(), v.minValue(0), v.maxValue(600_000));

/** Round trips of an answered op, from its tap to each lane's answer, milliseconds. Each op is reported once. */
const roundTrips = object({
  op: uuid,
  lanes: object(v.entriesFromList(LANE_IDS, v.optional(roundTrip))),
});

/** State of the stage's screen, not of the room: the product that it shows, how its code is shown, whether it is blank. */
export const STAGE_WORDS = {
  is: v.optional(v.literal(true)),
  sku: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
  code: v.optional(v.picklist(['hidden', 'corner', 'full'])),
  blank: v.optional(v.boolean()),
};

/** Every message a client may send, by its kind `t`. */
export const UP = {
  allocate: object({
    t: v.literal('allocate'),
    op: uuid,
    units: v.optional(units),
    epoch: wholeNumber,
    mode: v.optional(mode),
    /** Round trips of an earlier op. */
    rtt: v.optional(roundTrips),
    /** Sent by older clients instead: the round trip of the op before this one, on the lane that answered last. */
    rttMs: v.optional(roundTrip),
  }),
  /** The `seq` up to which this client has applied, and the round trips of an op that no later op has reported. */
  seen: object({ t: v.literal('seen'), seq: wholeNumber, rtt: v.optional(roundTrips) }),
  control: object({
    t: v.literal('control'),
    mode: v.optional(mode),
    step: v.optional(step),
    hold: v.optional(v.literal(true)),
    go: v.optional(v.literal(true)),
    distance: v.optional(distance),
  }),
  /** Taps on a held phone since its last message, which is sent at most once a second: no ops, only counted. */
  practice: object({ t: v.literal('practice'), n: practiceTaps }),
  reset: object({ t: v.literal('reset'), op: uuid }),
  guardrail: object({ t: v.literal('guardrail'), action: guardrailAction }),
  drill: object({ t: v.literal('drill'), kind: v.picklist(['drop', 'sleep']) }),
  /**
   * Relayed between presenters' screens and stored nowhere. With `is: true` a stage states how it stands. Without `is` the
   * members are a request to the stage; without any member it is asked to state how it stands.
   */
  stage: object({ t: v.literal('stage'), ...STAGE_WORDS }),
  /** What this client measured of the drill with this `seq`, sent once. Milliseconds on a monotonic clock. */
  recovered: object({
    t: v.literal('recovered'),
    drill: wholeNumber,
    waitedMs: roundTrip,
    ms: roundTrip,
    missing: wholeNumber,
  }),
  /** An answer to the open guess; `asked` is the `seq` of its question, so that it never counts for another one. */
  guess: object({ t: v.literal('guess'), asked: v.optional(wholeNumber), value: wholeNumber }),
  /** A presenter opens, closes or drops a guess; without a question, the one that the step suggests is asked. */
  ask: object({
    t: v.literal('ask'),
    action: v.picklist(GUESS_ACTIONS),
    question: v.optional(v.picklist(GUESS_QUESTIONS)),
  }),
};

/** A parsed message of kind `K`. `op` is in lower case; `sentOp` is the client's spelling where it differs, for its answers. */
export type UpOf<K extends keyof typeof UP> = v.InferOutput<(typeof UP)[K]> & { sentOp?: string };
/** Any parsed message. */
export type Up = { [K in keyof typeof UP]: UpOf<K> }[keyof typeof UP];

/** Why a message could not be parsed: code and message of its `nack`, and the op as it was sent, if that could be read. */
export interface Malformed {
  code: ErrorCode;
  message: string;
  op?: string;
}

/** Parses one text frame. What is wrong is a value; nothing throws. */
export function parseUp(text: string): { ok: true; message: Up } | { ok: false; malformed: Malformed } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return malformed('INVALID_JSON', 'A message is one JSON object.');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return malformed('INVALID_REQUEST', 'A message is one JSON object.');
  }
  const kind = 't' in json && typeof json.t === 'string' ? json.t : '';
  if (!isKind(kind)) {
    return malformed('INVALID_REQUEST', `The kind \`t\` is one of: ${Object.keys(UP).join(', ')}.`);
  }
  const parsed = v.safeParse(UP[kind], json);
  if (parsed.success) {
    const sent = 'op' in parsed.output ? sentOpOf(json) : undefined;
    return {
      ok: true,
      message: sent === undefined ? parsed.output : { ...parsed.output, sentOp: sent },
    };
  }
  const issue = parsed.issues[0];
  const field = v.getDotPath(issue) ?? '';
  return malformed(codeOf(field), `${field || 'message'}: ${issue.message}`, readOp(json));
}

function isKind(kind: string): kind is keyof typeof UP {
  return Object.hasOwn(UP, kind);
}

function codeOf(field: string): ErrorCode {
  if (field === 'units') return 'INVALID_UNITS';
  if (field === 'mode') return 'INVALID_MODE';
  return 'INVALID_REQUEST';
}

/** The op of a message as it was sent, if it has one. */
function readOp(json: object): string | undefined {
  return 'op' in json && typeof json.op === 'string' && v.is(uuid, json.op) ? json.op : undefined;
}

/** The op of a parsed message as it was sent, where that is not its canonical form. */
function sentOpOf(json: object): string | undefined {
  const sent = 'op' in json ? String(json.op) : '';
  return sent === sent.toLowerCase() ? undefined : sent;
}

function malformed(code: ErrorCode, message: string, op?: string) {
  return { ok: false, malformed: { code, message, ...(op ? { op } : {}) } } as const;
}
