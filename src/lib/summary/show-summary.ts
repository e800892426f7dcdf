/**
 * The summary of a show: the form of `GET /api/demo/summary`, of the row that is stored when a show ends, and of the JSON
 * download. Unless said otherwise below, every figure was read from the room's log.
 */
import * as v from 'valibot';
import { ERROR_STATUS } from '#lib/domain/codes.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import { idsIn } from '#lib/domain/by-lane.ts';
import { ENGINE_LABELS } from '#lib/domain/engines.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { RETRY_CAUSES } from '#lib/domain/work.ts';

/** `format` of the JSON. */
export const SUMMARY_FORMAT = 'revenue-guard-summary';
/** `formatVersion` of the JSON; it grows when the meaning of a field changes. */
export const SUMMARY_VERSION = 1;
/** How long an ended show can be read with its code, milliseconds. */
export const KEPT_MS = 86_400_000;

const units = v.number();
const atMs = v.number();
const ms = v.nullable(v.number());
/** Something for each lane of the show, in the order of its opening event. */
const byLane = <T extends v.GenericSchema>(of: T) => v.record(v.picklist(LANE_IDS), of);
const refusals = v.record(v.picklist(Object.keys(ERROR_STATUS) as ErrorCode[]), v.optional(v.number()));

/** One lane at the end of an epoch; units unless said otherwise. */
const laneSummary = v.object({
  acknowledged: units,
  stored: units,
  lostUnits: units,
  oversellDelta: units,
  /** Orders allocated, and refused (in sum and by code). An order of a tap in `both` counts on each lane. */
  ops: v.number(),
  refused: v.number(),
  refusedByCode: refusals,
  conflicts: v.number(),
  /** Units allocated to SIMULATED shoppers. */
  simUnits: units,
  /** Number of `lost` and of `restored` events: orders, not units. */
  losses: v.number(),
  returns: v.number(),
  /** What orders took on the lane's engine; missing where none told it. */
  work: v.optional(
    v.object({
      /** Orders that told it, their attempts and retries together, and the median of their round trips. */
      worked: v.number(),
      attempts: v.number(),
      retries: v.record(v.picklist(RETRY_CAUSES), v.number()),
      roundTrips: v.number(),
    }),
  ),
  /** EMULATED round trips on the wire at which it sold, milliseconds; missing where nothing was ever put on it. */
  distancesMs: v.optional(v.array(v.number())),
});
/** One lane at the end of an epoch. */
export type LaneSummary = v.InferOutput<typeof laneSummary>;

/** Exact moments of every lane; of a long race not all of them (`every` is the stride that was kept). */
const curve = v.object({
  /** Seconds since the first allocation, long pauses cut. */
  xs: v.array(v.number()),
  cuts: v.array(v.object({ x: v.number(), pausedMs: v.number() })),
  curves: byLane(v.object({ acknowledged: v.array(v.number()), stored: v.array(v.number()) })),
  every: v.number(),
});
/** Moments of both lanes. */
export type Curve = v.InferOutput<typeof curve>;

const epochSummary = v.object({
  epoch: v.number(),
  firstSeq: v.number(),
  lastSeq: v.number(),
  startedAtMs: atMs,
  endedAtMs: atMs,
  lanes: byLane(laneSummary),
  /** People, by their made-up names, who were allocated something. */
  buyers: v.number(),
  /** Oversold units of all lanes × unit price, decimal USD. */
  exposureUsd: v.number(),
  /** Virtual cost of the newest `cost` event, decimal USD; null without one. */
  virtualUsd: v.nullable(v.number()),
  /** How often the guardrail tripped, and how often by the presenter's hand. */
  trips: v.number(),
  tripsByHand: v.number(),
  curve,
});
/** One epoch at its end. */
export type EpochSummary = v.InferOutput<typeof epochSummary>;

const recovery = v.object({
  /** Drills that cut every connection, connections that were cut, and recoveries that clients reported. */
  drills: v.number(),
  sockets: v.number(),
  reports: v.number(),
  /** Median from the cut to a client's first retry, milliseconds. */
  waitedP50Ms: v.optional(ms),
  /**
   * From the cut until the room had greeted a client again, on the client's clock, milliseconds; from its first retry in
   * summaries that were stored without `waitedP50Ms`.
   */
  p50Ms: ms,
  p95Ms: ms,
  maxMs: ms,
  /** Events that clients missed. */
  missing: v.number(),
});
/** Result of drills. */
export type RecoverySummary = v.InferOutput<typeof recovery>;

const latency = v.object({ n: v.number(), p50: ms, p95: ms, p99: ms });

const roomSummary = v.object({
  sku: v.object({ id: v.string(), name: v.string(), capacity: v.number(), unitPrice: v.number() }),
  /** Number and hash of the last event that was read, which identify the log. */
  seq: v.number(),
  head: v.string(),
  openedAtMs: atMs,
  /** Of the newest event; of a room that has ended, of its `closed`. */
  lastAtMs: atMs,
  /** Null while the room is open. */
  closedBy: v.nullable(v.picklist(['expiry', 'presenter'])),
  epochs: v.array(epochSummary),
  recovery,
  /** Reported round trips, and the most phones at once; of an ended show from its log. */
  latency: byLane(latency),
  /** Of lanes whose engine is not the platform's own; missing where there is none. */
  engines: v.optional(byLane(v.object({ name: v.string(), label: v.picklist(ENGINE_LABELS) }))),
  mostPhones: v.number(),
  /** Orders admitted and not answered yet; 0 once the room has settled. */
  inFlight: v.number(),
  money: v.object({
    realUsd: v.number(),
    limitUsd: v.number(),
    /** True once a charge was refused because it would have passed the limit. */
    locked: v.boolean(),
    billingScale: v.number(),
    loadFactor: v.number(),
    thresholdUsd: v.number(),
    pricesReadOn: v.string(),
  }),
});
/** One room of the show: what was sold there. */
export type RoomSummary = v.InferOutput<typeof roomSummary>;

/** The lanes that a room sold on, in their order. */
export function lanesOfRoom({ latency }: RoomSummary): LaneId[] {
  return idsIn(latency);
}

/** A room's summary as it is stored, parsed; throws on what no room has stored. */
export function parseRoomSummary(json: string): RoomSummary {
  return v.parse(v.pipe(v.string(), v.parseJson(), roomSummary), json);
}

const showSummary = v.object({
  format: v.literal(SUMMARY_FORMAT),
  formatVersion: v.literal(SUMMARY_VERSION),
  show: v.string(),
  status: v.picklist(['live', 'ended']),
  /** When this was read, Unix milliseconds. */
  asOfMs: atMs,
  /** When the show ended, and until when it can be read without a session, Unix milliseconds; null while it lives. */
  endedAtMs: v.nullable(atMs),
  readableUntilMs: v.nullable(atMs),
  /** Participants that joined, each visit once. Counted at the door, not in the log. */
  joined: v.number(),
  /** In the order of the products. */
  rooms: v.array(roomSummary),
});
/** Answer to `GET /api/demo/summary`. */
export type ShowSummary = v.InferOutput<typeof showSummary>;

/** Parses an answered summary; null for what is none of this version. */
export function readShowSummary(answered: unknown): ShowSummary | null {
  const parsed = v.safeParse(showSummary, answered);
  return parsed.success ? parsed.output : null;
}
