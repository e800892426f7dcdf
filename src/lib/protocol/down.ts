/**
 * Messages that a room sends on its sockets. Members are parsed; the events and the state inside are trusted as their
 * domain types, because they come from our own server over our own socket.
 */
import * as v from 'valibot';
import type { CountedRows, LiveCheck } from '#lib/domain/auditor.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { LaneId, LaneResults } from '#lib/domain/lane.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import type { Duel } from '#lib/domain/race-duel.ts';
import type { Holding, RoomState } from '#lib/domain/room-state.ts';
import type { Role } from './http.ts';

const isObject = (value: unknown) => typeof value === 'object' && value !== null;
const roomState = v.custom<RoomState>(isObject);
const events = v.custom<RoomEvent[]>(Array.isArray);
const laneResults = v.custom<LaneResults>(isObject);
const you = v.custom<You>(isObject);
const lane = v.picklist(LANE_IDS) satisfies v.GenericSchema<LaneId>;
const code = v.custom<ErrorCode>((value) => typeof value === 'string');

/** The session that a welcome is addressed to, and what it holds in this epoch. */
export interface You {
  id: string;
  label: string;
  role: Role;
  holdings: Holding[];
  /** This session's answer to the current guess (`asked` is the `seq` of its question), if it gave one. */
  guess?: { asked: number; value: number };
}

/** Every message a room may send, by its kind `t`. */
export const DOWN = {
  welcome: v.object({
    t: v.literal('welcome'),
    v: v.number(),
    room: v.string(),
    you,
    epoch: v.number(),
    seq: v.number(),
    recovered: v.boolean(),
    events,
    state: roomState,
    /** Random name of the object's current life in memory: another name means that it was evicted or restarted. */
    instance: v.string(),
    /** How many lives in memory the object has had. */
    wakes: v.number(),
    /** Unix milliseconds by the room's clock. */
    now: v.number(),
  }),
  frame: v.object({
    t: v.literal('frame'),
    epoch: v.number(),
    from: v.number(),
    seq: v.number(),
    events,
    /** Number of events in the range that are not in `events`; a presenter's frame omits none. */
    omitted: v.number(),
    state: roomState,
    /** Hash of event `seq`. */
    head: v.optional(v.string()),
    /** Unix milliseconds by the room's clock. */
    now: v.optional(v.number()),
  }),
  ack: v.object({ t: v.literal('ack'), op: v.string(), epoch: v.number(), lanes: laneResults }),
  nack: v.object({
    t: v.literal('nack'),
    op: v.optional(v.string()),
    code,
    message: v.string(),
    retryAfterMs: v.optional(v.number()),
  }),
  fate: v.object({
    t: v.literal('fate'),
    op: v.string(),
    lane,
    fate: v.picklist(['lost', 'restored']),
    by: v.optional(v.string()),
    units: v.number(),
    /** What both writes read and wrote; only when the op was lost. */
    duel: v.optional(v.custom<Duel>(isObject)),
  }),
  /** Relayed from another screen of a presenter; see `stage` in {@link UP} (up.ts). */
  stage: v.object({
    t: v.literal('stage'),
    is: v.optional(v.literal(true)),
    sku: v.optional(v.string()),
    code: v.optional(v.picklist(['hidden', 'corner', 'full'])),
    blank: v.optional(v.boolean()),
  }),
  /** The newest result of the room's own audit, to presenters only. */
  audit: v.object({
    t: v.literal('audit'),
    epoch: v.number(),
    /** The newest event that was audited. */
    seq: v.number(),
    settled: v.boolean(),
    inFlight: v.number(),
    rows: v.nullable(v.custom<CountedRows>(isObject)),
    checks: v.custom<LiveCheck[]>(Array.isArray),
  }),
  /** How many ops were allocated one of the same unit numbers as `op`, itself included; to its owner only. */
  claim: v.object({ t: v.literal('claim'), op: v.string(), lane, holders: v.number() }),
  /** Confirms that an answer to the guess `asked` is stored, to its owner only. */
  guessed: v.object({ t: v.literal('guessed'), asked: v.number(), value: v.number() }),
};

/** A parsed message of kind `K`. */
export type DownOf<K extends keyof typeof DOWN> = v.InferOutput<(typeof DOWN)[K]>;
/** Any message that a room sends. */
export type Down = { [K in keyof typeof DOWN]: DownOf<K> }[keyof typeof DOWN];

/** Parses one text frame. Null for nonsense, and for a kind that this client does not know: a newer server may send more. */
export function parseDown(text: string): Down | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const kind = isObject(json) && 't' in json ? json.t : null;
  if (typeof kind !== 'string' || !Object.hasOwn(DOWN, kind)) return null;
  const parsed = v.safeParse(DOWN[kind as keyof typeof DOWN], json);
  return parsed.success ? parsed.output : null;
}
