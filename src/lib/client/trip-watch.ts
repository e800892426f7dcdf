/**
 * The moment at which the guardrail trips, for who watches it live: a stage gives all of its room to it for two seconds. A trip
 * that this page hears of later, after an absence or with the log, is no moment any more.
 */
import type { GuardrailCause } from '#lib/domain/events.ts';
import { Changes } from './changes.ts';
import type { EventListener } from './room-view.ts';
import type { Cancel, Time } from './surroundings.ts';
import { browserTime } from './surroundings.ts';

/** How long the stage belongs to a trip, milliseconds. */
export const MOMENT_MS = 2_000;
/** A trip that is older when it is heard of was not watched, milliseconds. */
const LIVE_WITHIN_MS = 3_000;

/** The trip that is to be seen now. */
export interface TripMoment {
  seq: number;
  by: GuardrailCause;
  /** The virtual cost that was told with it, decimal USD. */
  virtualUsd: number;
}

/** The room as it is watched. */
export interface WatchedRoom {
  /** See RoomView: null while the room's clock is not known. */
  readonly clockOffsetMs: number | null;
  onEvents(listener: EventListener): () => void;
}

/** Close it when its page goes. */
export class TripWatch {
  #current: TripMoment | null = null;
  #cancel: Cancel | null = null;
  readonly #changes = new Changes();
  readonly #stopListening: () => void;

  /** @param busyMs how long the stage still belongs to something else when a trip comes, by the trip's Unix milliseconds. */
  constructor(
    room: WatchedRoom,
    busyMs: (atMs: number) => number = () => 0,
    { clock, later }: Time = browserTime,
  ) {
    this.#stopListening = room.onEvents((events) => {
      const event = events.findLast(({ kind }) => kind === 'guardrail' || kind === 'reset');
      if (!event) return;
      this.#end();
      if (event.kind !== 'guardrail' || event.body.state === 'cleared') return;
      const ageMs = clock.monotonic() + (room.clockOffsetMs ?? 0) - event.atMs;
      if (ageMs > LIVE_WITHIN_MS) return;
      const { seq, body } = event;
      this.#cancel = later(() => {
        this.#show({ seq, by: body.by, virtualUsd: body.virtualUsd });
        this.#cancel = later(() => this.#end(), MOMENT_MS);
      }, busyMs(event.atMs));
    });
  }

  /** The trip whose moment it is; null otherwise. */
  get current(): TripMoment | null {
    this.#changes.read();
    return this.#current;
  }

  /** Stops listening and its timers. */
  close(): void {
    this.#stopListening();
    this.#end();
  }

  #end(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#show(null);
  }

  #show(moment: TripMoment | null): void {
    this.#current = moment;
    this.#changes.tell();
  }
}
