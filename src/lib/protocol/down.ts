/**
 * What a room says on its sockets. The envelope is parsed; events and state come from our own server over our own
 * socket and are trusted as their domain types.
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

/** Who the room says a client is, and what they hold in this epoch. */
export interface You {
  id: string;
  label: string;
  role: Role;
  holdings: Holding[];
  /** Their answer to the guess that stands, when they gave one. */
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
    /** Name of this life of the object in memory, and how many it has had. */
    instance: v.string(),
    wakes: v.number(),
    now: v.number(),
  }),
  frame: v.object({
    t: v.literal('frame'),
    epoch: v.number(),
    from: v.number(),
    seq: v.number(),
    events,
    /** Events of the range that this audience does not get one by one. */
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
    /** What both read and wrote; only when it was lost. */
    duel: v.optional(v.custom<Duel>(isObject)),
  }),
  /** What another of this presenter's screens said of the stage; see the message of the same name that goes up. */
  stage: v.object({
    t: v.literal('stage'),
    is: v.optional(v.literal(true)),
    sku: v.optional(v.string()),
    code: v.optional(v.picklist(['hidden', 'corner', 'full'])),
    blank: v.optional(v.boolean()),
  }),
  /** What the room's own audit found of itself, to presenters only. */
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
  /** How many ops were promised one of the same unit numbers as `op`, to its owner only. */
  claim: v.object({ t: v.literal('claim'), op: v.string(), lane, holders: v.number() }),
  /** An answer to the guess `asked` was taken, to its owner only. */
  guessed: v.object({ t: v.literal('guessed'), asked: v.number(), value: v.number() }),
};

/** A message of one kind. */
export type DownOf<K extends keyof typeof DOWN> = v.InferOutput<(typeof DOWN)[K]>;
/** Any message of a room. */
export type Down = { [K in keyof typeof DOWN]: DownOf<K> }[keyof typeof DOWN];

/** Parses one text frame; null for a kind this client does not know (a newer server may have more) or for nonsense. */
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
