/** A room's history as a page draws it: the log when it is needed, the frames from then on. */
import type { RoomEvent } from '#lib/domain/events.ts';
import { Changes } from './changes.ts';
import { RoomHistory } from './history.ts';
import type { EventListener } from './room-view.ts';
import type { Cancel, Later } from './surroundings.ts';
import { browserLater } from './surroundings.ts';

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

/** A room's history for drawing: the log once, then frames. {@link LiveHistory.close} it when its page goes. */
export class LiveHistory {
  readonly #history = new RoomHistory();
  readonly #source: HistorySource;
  readonly #stopListening: () => void;
  readonly #changes = new Changes();
  #version = 0;
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

  /** What is drawn. Its arrays grow in place: whoever hands them on hands on {@link LiveHistory.version} beside them. */
  get drawn(): RoomHistory {
    this.#changes.read();
    return this.#history;
  }
  /** Grows with every change. */
  get version(): number {
    this.#changes.read();
    return this.#version;
  }
  /** False while events are missing: the pictures then lag behind the counters. */
  get whole(): boolean {
    this.#changes.read();
    return this.#history.seq >= this.#told;
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
    this.#changes.tell();
    if (this.#history.seq < this.#told && !this.#isLoading && !this.#cancelRetry) void this.#load();
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
