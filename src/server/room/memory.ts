/**
 * The room's memory: everything it needs to decide, rebuilt from its tables whenever it wakes. Facts are what the events
 * say; gauges are what was counted beside them. Memory runs ahead of the tables only inside one synchronous turn.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { emptyFacts, emptyLanes } from '#lib/domain/facts.ts';
import type { RoomFacts } from '#lib/domain/facts.ts';
import { emptyHistogram } from '#lib/domain/histogram.ts';
import type { Histogram } from '#lib/domain/histogram.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { moneyRules } from '#lib/domain/ledger.ts';
import type { MoneyRules } from '#lib/domain/ledger.ts';
import type { KnownOp } from '#lib/domain/op.ts';
import { forgetFull } from '#lib/domain/rate.ts';
import type { RateLimits } from '#lib/domain/rate.ts';
import { apply } from '#lib/domain/reduce.ts';
import { Meters } from '../money/meters.ts';
import type { RoomTables } from '../storage/room-tables.ts';
import type { Cursors } from './feed.ts';
import type { Opening } from './port.ts';

/** An op that was admitted to a lane that answers later: what is known of it, and who waits for the rest. */
export interface PendingOp extends KnownOp {
  sim: boolean;
  /** Where its answer goes: to its owner's sockets, or to the call that brought it. */
  origin: 'socket' | 'call';
  admittedAtMs: number;
}

/** See the module's comment. */
export interface RoomMemory {
  opening: Opening;
  facts: RoomFacts;
  meters: Meters;
  latency: Record<LaneId, Histogram>;
  limits: RateLimits;
  pending: Map<string, PendingOp>;
  revoked: Set<string>;
  rules: MoneyRules;
  closesAt: number;
  opsKept: number;
  /** True from the moment a reset has begun to draw its line until it is done. */
  resetting: boolean;
}

/** What is stored beside the events, in one value: it changes with every commit. */
interface Gauges {
  meters: MeterCounts;
  latency: Record<LaneId, Histogram>;
  limits: [string, number][];
  opsKept: number;
  cursors: Cursors;
}

/** What the events up to the start of an epoch add up to: a wake replays only what came after. */
type Base = Omit<RoomFacts, 'lanes'>;

/** Memory of a room that is opened now. */
export function newMemory(opening: Opening, nowMs: number): RoomMemory {
  return {
    opening,
    facts: emptyFacts(),
    meters: new Meters({ ...opening.spent }, nowMs),
    latency: emptyLatency(),
    limits: new Map(),
    pending: new Map(),
    revoked: new Set(),
    rules: moneyRules(opening.config),
    closesAt: opening.closesAt,
    opsKept: 0,
    resetting: false,
  };
}

/** Rebuilds memory from the tables; null when the room was never opened. */
export function loadMemory(tables: RoomTables, nowMs: number): RoomMemory | null {
  const stored = tables.readFact('opening');
  if (stored === null) return null;
  const opening = own<Opening>(stored);
  const gauges = own<Gauges>(tables.readFact('gauges') ?? 'null');
  return {
    opening,
    facts: loadFacts(tables),
    meters: new Meters(gauges.meters, nowMs),
    latency: gauges.latency,
    limits: new Map(gauges.limits),
    pending: new Map(tables.readPending().map(({ op, answer }) => [op, own<PendingOp>(answer)])),
    revoked: new Set(tables.readRevoked()),
    rules: moneyRules(opening.config),
    closesAt: Number(tables.readFact('closesAt') ?? opening.closesAt),
    opsKept: gauges.opsKept,
    resetting: tables.readUnfinishedReset() !== null,
  };
}

/** Stores the gauges. Part of every commit's transaction. */
export function saveGauges(tables: RoomTables, memory: RoomMemory, cursors: Cursors, nowMs: number): void {
  forgetFull(memory.limits, nowMs);
  const gauges: Gauges = {
    meters: memory.meters.counts,
    latency: memory.latency,
    limits: [...memory.limits],
    opsKept: memory.opsKept,
    cursors,
  };
  tables.writeFact('gauges', JSON.stringify(gauges));
}

/** Where the audiences stood: as the newest commit foresaw it, or as it was stored since. */
export function loadCursors(tables: RoomTables): Cursors {
  const { cursors } = own<Gauges>(tables.readFact('gauges') ?? 'null');
  const told = own<Cursors>(tables.readFact('told') ?? '{"presenter":0,"participant":0}');
  return {
    presenter: Math.max(cursors.presenter, told.presenter),
    participant: Math.max(cursors.participant, told.participant),
  };
}

/** What the events add up to at the start of an epoch, to be stored with the event that starts it. */
export function baseOf(facts: RoomFacts): string {
  const { lanes: _lanes, ...base } = facts;
  return JSON.stringify(base satisfies Base);
}

/** A room's latency before anything was measured. */
export function emptyLatency(): Record<LaneId, Histogram> {
  return Object.fromEntries(LANE_IDS.map((lane) => [lane, emptyHistogram()])) as Record<LaneId, Histogram>;
}

function loadFacts(tables: RoomTables): RoomFacts {
  const base = tables.readFact('base');
  const facts: RoomFacts = base === null ? emptyFacts() : { ...own<Base>(base), lanes: emptyLanes() };
  for (const chunk of tables.readLogAfter(facts.seq)) {
    for (const line of chunk.lines.split('\n')) {
      const event = own<RoomEvent>(line);
      if (event.seq > facts.seq) apply(facts, event);
    }
  }
  return facts;
}

/** Parses what this room itself wrote into its own tables, which nobody else can reach. */
export function own<T>(json: string): T {
  return JSON.parse(json) as T;
}
