/** A room's history as a page's live state: the log when it is needed, the frames from then on. */
import type { RoomEvent } from '#lib/domain/events.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import { RoomHistory } from './history.ts';
import type { LaneHistory, Round, StepTurn, Turn } from './history.ts';
import type { RaceBook } from '#lib/domain/race.ts';
import type { RaceSeries } from '#lib/domain/race-series.ts';
import type { EventListener } from './room-view.ts';
import type { Cancel, Later } from './surroundings.ts';
import { browserLater } from './surroundings.ts';
import type { Witness } from '#lib/domain/witness.ts';

/** Pause before the log is asked for again after a failure, and the longest one, milliseconds. */
const RETRY_MS = 1_000;
const RETRY_LONGEST_MS = 15_000;

/** What a history needs from outside. */
export interface HistorySource {
  onEvents: (listener: EventListener) => () => void;
  /** The room's log as NDJSON; null when it could not be had. */
  log: () => Promise<string | null>;
  later?: Later;
}

/** See the module's header. Arrays grow in place: whoever draws them reads `version` to hear of it. */
export class LiveHistory {
  readonly #history = new RoomHistory();
  readonly #source: HistorySource;
  readonly #stopListening: () => void;
  #version = $state(0);
  #whole = $state(true);
  /** Seq of the newest event that the room spoke of. */
  #told = 0;
  #isLoading = false;
  #failures = 0;
  #cancelRetry: Cancel | null = null;
  #closed = false;

  constructor(source: HistorySource) {
    this.#source = source;
    this.#stopListening = source.onEvents((events, range) => {
      this.#take(events, range.seq);
    });
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }
  /** False while events are missing: the pictures then lag behind the counters. */
  get whole(): boolean {
    return this.#whole;
  }
  get series(): Readonly<Record<Mode, RaceSeries>> {
    void this.#version;
    return this.#history.series;
  }
  get lanes(): Readonly<Record<LaneId, LaneHistory>> {
    void this.#version;
    return this.#history.lanes;
  }
  get witnesses(): readonly Witness[] {
    void this.#version;
    return this.#history.witnesses;
  }
  get races(): RaceBook {
    void this.#version;
    return this.#history.races;
  }
  get turns(): readonly Turn[] {
    void this.#version;
    return this.#history.turns;
  }

  get steps(): readonly StepTurn[] {
    void this.#version;
    return this.#history.steps;
  }
  get rounds(): readonly Round[] {
    void this.#version;
    return this.#history.rounds;
  }

  /** Stops listening and loading. */
  close(): void {
    this.#closed = true;
    this.#stopListening();
    this.#cancelRetry?.();
  }

  #take(events: readonly RoomEvent[], seq: number): void {
    this.#told = Math.max(this.#told, seq);
    this.#history.apply(events);
    this.#settle();
  }

  /** Tells who draws, and asks for the log while something is missing. */
  #settle(): void {
    this.#version += 1;
    this.#whole = this.#history.seq >= this.#told;
    if (!this.#whole && !this.#isLoading && !this.#cancelRetry) void this.#load();
  }

  async #load(): Promise<void> {
    this.#isLoading = true;
    const log = await this.#source.log();
    this.#isLoading = false;
    if (this.#closed) return;
    const before = this.#history.seq;
    if (log !== null) this.#history.load(log);
    this.#failures = this.#history.seq > before ? 0 : this.#failures + 1;
    if (this.#failures > 0) this.#retryLater();
    this.#settle();
  }

  #retryLater(): void {
    const pauseMs = Math.min(RETRY_LONGEST_MS, RETRY_MS * 2 ** (this.#failures - 1));
    this.#cancelRetry = (this.#source.later ?? browserLater)(() => {
      this.#cancelRetry = null;
      this.#settle();
    }, pauseMs);
  }
}
