/** What clients say on a room's socket. Parsed once, here; inside, types are trusted. */
import * as v from 'valibot';
import { GUESS_ACTIONS, GUESS_QUESTIONS } from '#lib/domain/guess-questions.ts';
import { STEPS } from '#lib/domain/script.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import { mode, units, uuid } from './fields.ts';
import { object } from './object.ts';

/** A step of the script. */
export const step = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(STEPS));
/** What a presenter does to the guardrail by hand. */
export const guardrailAction = v.picklist(['trip', 'clear']);

const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));
/** A round trip on a monotonic clock, milliseconds. Ten minutes is longer than any op can stay pending on a socket. */
const roundTrip = v.pipe(v.number(), v.minValue(0), v.maxValue(600_000));

/** The round trips of an op that was answered: from its tap to each lane's answer. Reported once. */
const roundTrips = object({
  op: uuid,
  lanes: object(v.entriesFromList(LANE_IDS, v.optional(roundTrip))),
});

/** What is the stage's own affair, and no state of the room: the product it shows, its code, and whether it is dark. */
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
    /** Those of an earlier op. */
    rtt: v.optional(roundTrips),
    /** What older clients say instead: that of the op before this one, on the lane that answered last. */
    rttMs: v.optional(roundTrip),
  }),
  /** How far this client has applied; with the round trips of an op, if they were not reported with the next one. */
  seen: object({ t: v.literal('seen'), seq: wholeNumber, rtt: v.optional(roundTrips) }),
  control: object({ t: v.literal('control'), mode: v.optional(mode), step: v.optional(step) }),
  reset: object({ t: v.literal('reset'), op: uuid }),
  guardrail: object({ t: v.literal('guardrail'), action: guardrailAction }),
  drill: object({ t: v.literal('drill'), kind: v.picklist(['drop', 'sleep']) }),
  /**
   * Between a presenter's screens, handed on to all others of the room and kept nowhere. Without `is` a wish, and with
   * nothing in it the question how the stage stands; `is: true` is a stage that says how it stands.
   */
  stage: object({ t: v.literal('stage'), ...STAGE_WORDS }),
  /** What this client measured of the newest drill, whose `seq` it names: once. Milliseconds on a monotonic clock. */
  recovered: object({
    t: v.literal('recovered'),
    drill: wholeNumber,
    waitedMs: roundTrip,
    ms: roundTrip,
    missing: wholeNumber,
  }),
  /** An answer to the open guess; `asked` is the guess it was given to, so that it never counts for another one. */
  guess: object({ t: v.literal('guess'), asked: v.optional(wholeNumber), value: wholeNumber }),
  /** The presenter opens a guess, closes it or puts it away; without a question, what the step suggests is asked. */
  ask: object({
    t: v.literal('ask'),
    action: v.picklist(GUESS_ACTIONS),
    question: v.optional(v.picklist(GUESS_QUESTIONS)),
  }),
};

/**
 * A parsed message of one kind. An `op` is in its canonical form; `sentOp` is how the client spelled it, where it spelled
 * it otherwise: answers to it spell it so.
 */
export type UpOf<K extends keyof typeof UP> = v.InferOutput<(typeof UP)[K]> & { sentOp?: string };
/** Any parsed message. */
export type Up = { [K in keyof typeof UP]: UpOf<K> }[keyof typeof UP];

/** A message that could not be understood: the code and words of its `nack`, and the op it named if that could be read. */
export interface Malformed {
  code: ErrorCode;
  message: string;
  op?: string;
}

/** Parses one text frame. */
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
