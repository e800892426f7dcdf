/**
 * The room's memory: everything it needs to decide, rebuilt from its tables whenever it wakes. Facts are what the events
 * say; gauges are what was counted beside them. Memory runs ahead of the tables only inside one synchronous transaction.
 *
 * Longer than other files: whoever changes what is stored has to see what reads it back.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { RoomConfig, RoomEvent, Sku } from '#lib/domain/events.ts';
import { emptyFacts, emptyLanes } from '#lib/domain/facts.ts';
import type { RoomFacts } from '#lib/domain/facts.ts';
import type { ByLane, LaneId, Mode } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import type { Refusal } from '#lib/domain/codes.ts';
import { moneyRules } from '#lib/domain/ledger.ts';
import type { KnownOp } from '#lib/domain/op.ts';
import { forgetFull, takeToken } from '#lib/domain/rate.ts';
import type { RateLimits } from '#lib/domain/rate.ts';
import { apply } from '#lib/domain/reduce.ts';
import { emptyLatency } from '#lib/domain/round-trip.ts';
import type { Role } from '#lib/protocol/http.ts';
import { answeredBy, inFlightOn } from './in-flight.ts';
import type { PendingOp } from './in-flight.ts';
import { Meters } from './meters.ts';
import { opsIn } from './stored-ops.ts';
import { own } from './tables.ts';
import type { Tables } from './tables.ts';

/** What a room is opened with. */
export interface Opening {
  show: string;
  sku: Sku;
  /** The pair, where older code opened the room and named none. */
  lanes?: readonly LaneId[];
  config: RoomConfig;
  /** Unix milliseconds. */
  closesAt: number;
  spent: MeterCounts;
  /** Where it begins, if that is not the first lane and the first step. */
  mode?: Mode;
  step?: number;
  /** A rehearsal: the platform's own engines are imitated in a browser. Told in the state, and in no event. */
  simulated?: true;
}

/** `seq` up to which each audience has been told. */
export type Cursors = Record<Role, number>;

/** An intent to change when the show ends: until when D1 is asked for it, and when next; Unix milliseconds. */
export interface EndWatch {
  untilMs: number;
  lookAtMs: number;
}

/** Everything that a room keeps in memory; the tables are the truth, and a wake rebuilds it from them. */
export interface RoomMemory {
  opening: Opening;
  facts: RoomFacts;
  meters: Meters;
  latency: ReturnType<typeof emptyLatency>;
  limits: RateLimits;
  /** Every op that was allocated on any lane, for as long as the room lives. */
  ops: Map<string, KnownOp>;
  pending: Map<string, PendingOp>;
  /** Of them, how many each lane has not answered. */
  inFlight: ByLane<number>;
  /** Answers to the guess that stands, by session. */
  guesses: Map<string, number>;
  revoked: Set<string>;
  rules: ReturnType<typeof moneyRules>;
  closesAt: number;
  /** Set while the show's end may be changing in D1. */
  endWatch: EndWatch | null;
  /** How many lives the object has had in memory. */
  wakes: number;
  /** The cursors as they were stored when this memory was made. */
  told: Cursors;
  /** The most phones that were there at once, in the room's whole life. */
  mostPhones: number;
  /** Practice taps of the newest hold. */
  practice: number;
  /** How often the gauges were stored. */
  saves: number;
  /** True from the beginning of a reset until it is done. */
  resetting: boolean;
}

/** What is stored beside the events: it changes with every commit. */
interface Gauges {
  /** Grows with every save: of the two stored gauges the higher one is the newer. */
  saves: number;
  meters: MeterCounts;
  /** Missing in rooms of older code, where all that was metered counted as taps'. */
  taps?: MeterCounts;
  latency: RoomMemory['latency'];
  cursors: Cursors;
  wakes: number;
  /** Missing in rooms that were opened before they were counted. */
  mostPhones?: number;
  practice?: number;
}

/**
 * The gauges with every participant's rate limit, which grows with the crowd, so they are stored once a second only. Tokens taken
 * since are replayed from the stored ops, so that even a killed room knows them exactly.
 */
interface FullGauges extends Gauges {
  seq: number;
  limits: [string, number][];
}

/** What the events up to the start of an epoch add up to: a wake replays only what came after. */
type Base = Omit<RoomFacts, 'lanes'>;

/** Memory of a room that is opened now. */
export function newMemory(opening: Opening, nowMs: number): RoomMemory {
  return {
    opening,
    facts: emptyFacts(),
    meters: new Meters({ ...opening.spent }, {}, nowMs),
    latency: emptyLatency(opening.lanes ?? PAIR),
    limits: new Map(),
    ops: new Map(),
    pending: new Map(),
    inFlight: inFlightOn(opening.lanes ?? PAIR, []),
    guesses: new Map(),
    revoked: new Set(),
    rules: moneyRules(opening.config),
    closesAt: opening.closesAt,
    endWatch: null,
    wakes: 1,
    told: { presenter: 0, participant: 0 },
    mostPhones: 0,
    practice: 0,
    saves: 0,
    resetting: false,
  };
}

/** Rebuilds memory from the tables; null when the room was never opened. */
export function loadMemory(tables: Tables, nowMs: number): RoomMemory | null {
  const facts = tables.readFacts();
  const stored = facts.get('opening');
  const gauges = tables.readGauges().map((value) => own<Gauges | FullGauges>(value));
  const newest = gauges.toSorted((a, b) => a.saves - b.saves).at(-1);
  if (stored === undefined || !newest) return null;
  const opening = own<Opening>(stored);
  const replayed = loadFacts(tables, facts.get('base'));
  const standing = tables.readStanding();
  const pending = standing.pending.map((answer) => answeredBy(replayed, own<PendingOp>(answer)));
  const { ops, limits } = loadOps(tables, gauges.find(isFull));
  for (const { owner, admittedAtMs } of pending) takeToken(limits, owner, admittedAtMs);
  return {
    opening,
    facts: replayed,
    meters: new Meters(newest.meters, newest.taps, nowMs),
    latency: newest.latency,
    limits,
    ops,
    pending: new Map(pending.map((op) => [op.op, op])),
    inFlight: inFlightOn(opening.lanes ?? PAIR, pending),
    guesses: new Map(standing.guesses),
    revoked: new Set(standing.revoked),
    rules: moneyRules(opening.config),
    closesAt: Number(facts.get('closesAt') ?? opening.closesAt),
    endWatch: storedEndWatch(facts.get('endWatched')),
    wakes: newest.wakes,
    told: furthest(newest.cursors, facts.get('told')),
    mostPhones: newest.mostPhones ?? 0,
    practice: newest.practice ?? 0,
    saves: newest.saves,
    resetting: standing.resetting,
  };
}

/** The gauges as the next commit stores them, as JSON. Called once for each. */
export function nextGauges(memory: RoomMemory, cursors: Cursors): string {
  memory.saves += 1;
  return JSON.stringify(gaugesOf(memory, cursors));
}

/** All of the gauges as they stand at a commit, as JSON. */
export function fullGauges(
  memory: RoomMemory,
  cursors: Cursors,
  { nowMs, steadyMs }: { nowMs: number; steadyMs: number },
): string {
  forgetFull(memory.limits, steadyMs);
  const full: FullGauges = {
    ...gaugesOf(memory, cursors),
    seq: memory.facts.seq,
    // In Unix milliseconds, because the steady clock starts anew after a wake.
    limits: [...memory.limits].map(([who, fullAt]) => [who, fullAt - steadyMs + nowMs]),
  };
  return JSON.stringify(full);
}

function gaugesOf(memory: RoomMemory, cursors: Cursors): Gauges {
  const { saves, wakes, latency, meters, mostPhones, practice } = memory;
  return { saves, meters: meters.counts, taps: meters.taps, latency, cursors, wakes, mostPhones, practice };
}

/** Stores where the audiences stand, when no commit will do it soon. Telling of taps is part of what they cost. */
export function storeTold(tables: Tables, { meters }: RoomMemory, cursors: Cursors): void {
  meters.add(tables.takeSpent());
  tables.writeFact('told', JSON.stringify(cursors));
  if (meters.tellsOfTaps) meters.addForTaps(tables.takeSpent());
}

/** What the events add up to at the start of an epoch, to be stored with the event that starts it. */
export function baseOf(facts: RoomFacts): string {
  const { lanes: _lanes, ...base } = facts;
  return JSON.stringify(base satisfies Base);
}

/** Every op that was allocated, and the limits as they were last stored, with what those ops took since. */
function loadOps(
  tables: Tables,
  stored: FullGauges | undefined,
): { ops: Map<string, KnownOp>; limits: RateLimits } {
  const ops = new Map<string, KnownOp>();
  const limits: RateLimits = new Map(stored?.limits);
  for (const commit of tables.readOps()) {
    for (const op of opsIn(commit.ops)) {
      ops.set(op.op, op);
      if (commit.lastSeq > (stored?.seq ?? 0)) takeToken(limits, op.owner, op.admittedAtMs);
    }
  }
  return { ops, limits };
}

/** The intent in the tables; D1 is asked at once. */
function storedEndWatch(untilMs: string | undefined): EndWatch | null {
  return untilMs === undefined ? null : { untilMs: Number(untilMs), lookAtMs: 0 };
}

function isFull(gauges: Gauges | FullGauges): gauges is FullGauges {
  return 'limits' in gauges;
}

function furthest(cursors: Cursors, told: string | undefined): Cursors {
  const { presenter, participant } = told === undefined ? cursors : own<Cursors>(told);
  return {
    presenter: Math.max(cursors.presenter, presenter),
    participant: Math.max(cursors.participant, participant),
  };
}

function loadFacts(tables: Tables, base: string | undefined): RoomFacts {
  const facts = emptyFacts();
  if (base !== undefined) Object.assign(facts, own<Base>(base));
  facts.lanes = emptyLanes(facts.opened?.lanes ?? []);
  for (const chunk of tables.readLogAfter(facts.seq)) {
    for (const line of chunk.lines.split('\n')) {
      const event = own<RoomEvent>(line);
      if (event.seq > facts.seq) apply(facts, event);
    }
  }
  return facts;
}

/** Why a session may not act in a room; null when it may. */
export function barred({ revoked }: RoomMemory, sessionId: string): Refusal | null {
  return revoked.has(sessionId) ? { code: 'UNAUTHORIZED', message: 'This session has logged out.' } : null;
}

/** An op as its client spelled it: in its canonical form, unless it is known to have come in another. */
export function spellingIn({ pending, ops }: RoomMemory, op: string): string {
  return (pending.get(op) ?? ops.get(op))?.sentOp ?? op;
}
