/**
 * A room's history for the stage and the control screen: the reducer's state, and the curves and cells of the current
 * epoch. It takes the log once and then the events of frames, and joins the two by `seq`: events that are applied already are
 * dropped, events beyond a gap wait until it is closed.
 * Longer than other files: every event passes through here once, whichever picture needs it.
 */
import type { EventKind, EventOf, RoomEvent } from '#lib/domain/events.ts';
import { emptyFacts } from '#lib/domain/facts.ts';
import type { RoomFacts } from '#lib/domain/facts.ts';
import { byLane, idsIn, modesOf } from '#lib/domain/by-lane.ts';
import { lanesOf, ofLane } from '#lib/domain/lane.ts';
import type { ByLane, LaneId, Mode } from '#lib/domain/lane.ts';
import { applyCounters } from '#lib/domain/reduce.ts';
import { RaceBook } from '#lib/domain/race.ts';
import { RaceSeries } from '#lib/domain/race-series.ts';
import { LaneDrawings } from './lane-drawings.ts';
import type { LaneHistory } from './lane-drawings.ts';
import { TripBook } from './trip-book.ts';
import type { Trip } from './trip-book.ts';

/** Most turns of the show that are kept, newest first. */
export const MAX_TURNS = 40;

/** Most moments of a curve that are kept: several for every pixel column of a projector. */
export const MAX_MOMENTS = 4_000;

/** An event that is told this much later than it happened is no news any more, milliseconds: the screen was away. */
const NEWS_MS = 3_000;

/** Kinds of events that the list of turns shows; allocations and money are drawn as charts. */
const TURNS = [
  'opened',
  'mode',
  'step',
  'held',
  'go',
  'distance',
  'guardrail',
  'locked',
  'reset',
  'drill',
  'guess',
  'incident',
  'closed',
] as const;
/** An event of that list. */
export type Turn = EventOf<(typeof TURNS)[number]>;

/** A turn of the script's page, on the room's clock. */
export interface StepTurn {
  step: number;
  /** Unix milliseconds. */
  atMs: number;
}

/** Result of one epoch that a reset has ended, by lane, in units. */
export interface Round {
  epoch: number;
  lanes: ByLane<{ acknowledged: number; stored: number; simUnits: number }>;
}

/** `whole`: every event so far was applied. `gap`: events are missing, and the log has to be loaded. */
export type Continuity = 'whole' | 'gap';

/** History of a room for its charts. Synchronous and without clock, timers or network. */
export class RoomHistory {
  #facts = emptyFacts();
  #epoch = emptyEpoch();
  #turns: Turn[] = [];
  #steps: StepTurn[] = [];
  #rounds: Round[] = [];
  /** Every race of the show, over all epochs. */
  readonly races = new RaceBook();
  readonly #trips = new TripBook();
  /** Events past a gap, by seq. */
  #early = new Map<number, RoomEvent>();
  /** From when on an event is news, Unix milliseconds: none is that the log told. */
  #newsFromMs = Infinity;

  /** The reducer's state after the newest applied event. */
  get facts(): RoomFacts {
    return this.#facts;
  }

  /** Seq of the newest event that was applied. */
  get seq(): number {
    return this.#facts.seq;
  }

  /**
   * The chart of a mode: its lanes on one axis. `lanes` are those of the show, by whoever knows them before the log has come.
   */
  series(mode: Mode, lanes: readonly LaneId[] = idsIn(this.#facts.lanes)): RaceSeries {
    return seriesOf(this.#epoch, mode, lanes);
  }

  /** A lane's drawings; empty ones while no event of it was applied. */
  lane(lane: LaneId): LaneHistory {
    return laneOf(this.#epoch, lane);
  }

  /** Newest first, over all epochs. */
  get turns(): readonly Turn[] {
    return this.#turns;
  }

  /** Steps of the script, oldest first, since step 1 was last entered: earlier ones were practice. */
  get steps(): readonly StepTurn[] {
    return this.#steps;
  }

  /** Epochs that a reset has ended, oldest first. */
  get rounds(): readonly Round[] {
    return this.#rounds;
  }

  /** The newest trip of the guardrail in this epoch, also once it was cleared; null before the first. */
  get trip(): Trip | null {
    return this.#trips.newest;
  }

  /** Units acknowledged on all lanes since that trip; null before the first. */
  get soldSinceTrip(): number | null {
    return this.#trips.soldSince;
  }

  /** Takes the events of a frame, in any order, also repeatedly, and applies those that follow without a gap. */
  apply(events: readonly RoomEvent[]): Continuity {
    this.#newsFromMs = (events.at(-1)?.atMs ?? Infinity) - NEWS_MS;
    return this.#apply(events);
  }

  #apply(events: readonly RoomEvent[]): Continuity {
    for (const event of events) {
      if (event.seq === this.#facts.seq + 1) this.#take(event);
      else if (event.seq > this.#facts.seq) this.#early.set(event.seq, event);
    }
    for (let next = this.#nextEarly(); next; next = this.#nextEarly()) this.#take(next);
    return this.#early.size === 0 ? 'whole' : 'gap';
  }

  /**
   * Takes the log (`GET /api/demo/log`, NDJSON) and then the events that wait. A log that ends before what is applied already
   * changes nothing.
   */
  load(ndjson: string): Continuity {
    this.#newsFromMs = Infinity;
    // Only events that are missing are new; what stands was applied in the same order.
    return this.#apply(ndjson.split('\n').flatMap(eventOfLine));
  }

  #nextEarly(): RoomEvent | undefined {
    return this.#early.get(this.#facts.seq + 1);
  }

  #take(event: RoomEvent): void {
    this.#early.delete(event.seq);
    if (event.kind === 'reset') this.#rounds = [...this.#rounds, roundOf(this.#facts, this.#epoch)];
    applyCounters(this.#facts, event);
    this.#trips.take(event, this.#facts);
    this.races.take(event);
    if (event.kind === 'step' || event.kind === 'opened') this.#takeStep(event);
    if (isTurn(event)) this.#turns = [event, ...this.#turns].slice(0, MAX_TURNS);
    if (event.kind === 'reset') this.#epoch = emptyEpoch();
    else if (event.kind === 'allocated') this.#takeAllocated(event);
    else if (event.kind === 'refused') this.#takeRefused(event);
    else if (event.kind === 'lost' || event.kind === 'restored') {
      const { lane, op } = event.body;
      laneOf(this.#epoch, lane).cells.mark(op, event.kind === 'lost');
    }
  }

  #takeStep({ atMs, body: { step } }: EventOf<'step'> | EventOf<'opened'>): void {
    this.#steps = step === 1 ? [{ step, atMs }] : [...this.#steps, { step, atMs }];
  }

  #takeAllocated({ atMs, body }: EventOf<'allocated'>): void {
    const { acknowledged, stored } = ofLane(this.#facts.lanes, body.lane);
    const capacity = this.#facts.opened?.sku.capacity ?? 0;
    const live = atMs >= this.#newsFromMs;
    laneOf(this.#epoch, body.lane).take({ body, atMs, acknowledged, stored, capacity, live });
    this.#forget(body.lane, body.version === undefined ? body.op : null);
    for (const series of this.#seriesWith(body.lane)) series.add(atMs, this.#facts.lanes);
  }

  #takeRefused({ atMs, body: { lane, counts } }: EventOf<'refused'>): void {
    if (!counts.OUT_OF_STOCK) return;
    if (atMs >= this.#newsFromMs) laneOf(this.#epoch, lane).answers += counts.OUT_OF_STOCK;
    for (const series of this.#seriesWith(lane)) series.refuse(atMs, this.#facts.lanes);
  }

  /** The charts that a lane is drawn on. */
  #seriesWith(lane: LaneId): RaceSeries[] {
    const lanes = idsIn(this.#facts.lanes);
    return modesOf(lanes)
      .filter((mode) => lanesOf(mode, lanes).includes(lane))
      .map((mode) => seriesOf(this.#epoch, mode, lanes));
  }

  /**
   * Forgets orders and unit numbers, which are not drawn here and would grow for hours. `settled` is an op that no later
   * event can concern.
   */
  #forget(id: LaneId, settled: string | null): void {
    const lane = ofLane(this.#facts.lanes, id);
    lane.byOwner.clear();
    lane.promisedTo.clear();
    if (settled !== null) lane.byOp.delete(settled);
  }
}

/** What was drawn so far: a screen may ask for the lanes of its show before the log has told which those are. */
interface EpochHistory {
  readonly series: Map<Mode, RaceSeries>;
  readonly lanes: ByLane<LaneDrawings>;
}

function seriesOf({ series }: EpochHistory, mode: Mode, lanes: readonly LaneId[]): RaceSeries {
  const drawn = series.get(mode) ?? new RaceSeries(lanesOf(mode, lanes), MAX_MOMENTS);
  series.set(mode, drawn);
  return drawn;
}

function laneOf({ lanes }: EpochHistory, lane: LaneId): LaneDrawings {
  return (lanes[lane] ??= new LaneDrawings());
}

function roundOf({ epoch, lanes }: RoomFacts, drawn: EpochHistory): Round {
  return {
    epoch,
    lanes: byLane(idsIn(lanes), (lane) => {
      const { acknowledged, stored } = ofLane(lanes, lane);
      return { acknowledged, stored, simUnits: laneOf(drawn, lane).simUnits };
    }),
  };
}

function emptyEpoch(): EpochHistory {
  return { series: new Map(), lanes: {} };
}

/** The event of one line; none for the header, the head, the empty line at the end, or a line that was cut short. */
function eventOfLine(line: string): RoomEvent[] {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return [];
  }
  return isEvent(json) ? [json] : [];
}

/** Events come from our own server and are trusted as their domain type; header and head have no body. */
function isEvent(json: unknown): json is RoomEvent {
  return typeof json === 'object' && json !== null && 'seq' in json && 'kind' in json && 'body' in json;
}

function isTurn(event: RoomEvent): event is Turn {
  return (TURNS as readonly EventKind[]).includes(event.kind);
}
