/**
 * Replays a log through the domain's reducer: counters at the end of every epoch, the stage's curves, and every lost update. The
 * replay trusts the log as the room did; the recount does not, and both must agree.
 */
import type { EventOf, RoomEvent } from '#lib/domain/events.ts';
import { emptyFacts, writeBy } from '#lib/domain/facts.ts';
import type { RoomFacts } from '#lib/domain/facts.ts';
import { byLane, idsIn, modesOf } from '#lib/domain/by-lane.ts';
import { lanesOf, ofLane } from '#lib/domain/lane.ts';
import type { ByLane, LaneCounters, LaneId, Mode } from '#lib/domain/lane.ts';
import type { LedgerTotals } from '#lib/domain/ledger.ts';
import { RaceBook } from '#lib/domain/race.ts';
import { RaceSeries } from '#lib/domain/race-series.ts';
import { applyCounters } from '#lib/domain/reduce.ts';
import { countersOf } from '#lib/domain/view.ts';
import { witnessOf } from '#lib/domain/witness.ts';
import type { Witness } from '#lib/domain/witness.ts';

/** Totals of one epoch at its end. */
export interface EpochTotals {
  epoch: number;
  firstSeq: number;
  lastSeq: number;
  /** Unix milliseconds of its first and its last event. */
  startedAtMs: number;
  endedAtMs: number;
  lanes: ByLane<LaneCounters>;
  /** Units that simulated shoppers were given, by lane. */
  simUnits: ByLane<number>;
  /** People who were allocated something. */
  buyers: number;
  /** The ledger of the newest `cost` event; null without one. */
  cost: LedgerTotals | null;
  guardrailTripped: boolean;
  /** Number of `lost` events, and of ops that were restored. */
  losses: number;
  returns: number;
}

/** One epoch with its charts and witnesses. */
export interface EpochReplay {
  totals: EpochTotals;
  /** The chart of each mode of the show: its lanes on one axis. */
  series: ReadonlyMap<Mode, RaceSeries>;
  /** In the order in which they happened. */
  witnesses: Witness[];
}

/** Replays a log through the domain's reducer, and keeps counters, curves and witnesses of every epoch. */
export class Replay {
  /** The reducer's state after the newest event. */
  readonly facts: RoomFacts = emptyFacts();
  /** Every race, over all epochs. */
  readonly races = new RaceBook();
  /** Epochs that have ended, and after {@link Replay.finish} the last one. */
  readonly epochs: EpochReplay[] = [];
  #epoch: EpochUnderWay | null = null;

  /** Applies the next event. Throws on what no room can have written; then nothing more can be applied. */
  take(event: RoomEvent): void {
    if (event.kind === 'reset') this.#end();
    applyCounters(this.facts, event);
    this.races.take(event);
    this.#epoch ??= new EpochUnderWay(event, idsIn(this.facts.lanes));
    this.#epoch.take(event, this.facts);
  }

  /** Nothing more will come. */
  finish(): void {
    this.#end();
  }

  #end(): void {
    if (this.#epoch) this.epochs.push(this.#epoch.close(this.facts));
    this.#epoch = null;
  }
}

class EpochUnderWay {
  readonly #first: { seq: number; atMs: number };
  #lastAtMs = 0;
  readonly #series: ReadonlyMap<Mode, RaceSeries>;
  readonly #witnesses: Witness[] = [];
  /** The newest of each op, by lane and op. */
  readonly #newest = new Map<string, Witness>();

  constructor({ seq, atMs }: RoomEvent, lanes: readonly LaneId[]) {
    this.#first = { seq, atMs };
    this.#series = new Map(modesOf(lanes).map((mode) => [mode, new RaceSeries(lanesOf(mode, lanes))]));
  }

  take(event: RoomEvent, facts: RoomFacts): void {
    this.#lastAtMs = event.atMs;
    if (event.kind === 'allocated') this.#allocated(event, facts);
    else if (event.kind === 'lost') this.#lost(event, facts);
    else if (event.kind === 'restored') this.#restored(event);
  }

  close(facts: RoomFacts): EpochReplay {
    const capacity = facts.opened?.sku.capacity ?? 0;
    const lanes = idsIn(facts.lanes);
    const all = lanes.map((lane) => ofLane(facts.lanes, lane));
    const totals: EpochTotals = {
      epoch: facts.epoch,
      firstSeq: this.#first.seq,
      lastSeq: facts.seq,
      startedAtMs: this.#first.atMs,
      endedAtMs: this.#lastAtMs,
      lanes: byLane(lanes, (lane) => countersOf(ofLane(facts.lanes, lane), capacity, 0)),
      simUnits: byLane(lanes, (lane) => ofLane(facts.lanes, lane).simUnits),
      buyers: new Set(all.flatMap(({ byOwner }) => [...byOwner.keys()])).size,
      cost: facts.cost,
      guardrailTripped: facts.guardrail.tripped,
      losses: this.#witnesses.length,
      returns: all.reduce((sum, { returns }) => sum + returns, 0),
    };
    return { totals, series: this.#series, witnesses: this.#witnesses };
  }

  #allocated({ atMs, body }: EventOf<'allocated'>, facts: RoomFacts): void {
    for (const series of this.#series.values()) {
      if (series.lanes.includes(body.lane)) series.add(atMs, facts.lanes);
    }
  }

  #lost(event: EventOf<'lost'>, facts: RoomFacts): void {
    const { lane, op } = event.body;
    const onLane = ofLane(facts.lanes, lane);
    const erased = writeBy(onLane, op);
    if (!erased) throw new Error(`op ${op} was lost, and no write of it is in the log`);
    const witness = witnessOf(event, erased, onLane);
    this.#newest.set(`${lane} ${op}`, witness);
    this.#witnesses.push(witness);
  }

  #restored({ body: { lane, op } }: EventOf<'restored'>): void {
    const witness = this.#newest.get(`${lane} ${op}`);
    if (!witness) throw new Error(`op ${op} came back, and nothing had erased it`);
    witness.restored = true;
  }
}
