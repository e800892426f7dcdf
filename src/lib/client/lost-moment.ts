/**
 * When a lost update comes onto the stage by itself: in the step of the race, once the race has settled, once an epoch. It never
 * comes over something else that was asked for, nor over a contest, and never with races from before this page or from before the
 * step.
 */
import { ofLane, tappedLanes } from '#lib/domain/lane.ts';
import { LANES } from '#lib/domain/lanes.ts';
import type { RaceBook } from '#lib/domain/race.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { pageOf } from '#lib/domain/script.ts';
import type { Cancel } from './surroundings.ts';

/** The step of the script in which people race. */
const RACE_STEP = 3;
/** How long nothing may have happened, milliseconds: longer than an op takes, and than a pause between two taps. */
export const SETTLED_MS = 1_500;
/** How long the guardrail's trip has the stage to itself, milliseconds. */
const TRIP_MS = 2_500;
/** How often it is looked, milliseconds. */
const LOOK_EVERY_MS = 250;

/** What decides. */
export interface LostLook {
  step: number;
  epoch: number;
  /** Of the newest event. */
  seq: number;
  /** Ops allocated so far, and ops under way, on lanes where updates can be lost. */
  ops: number;
  inFlight: number;
  /** Nothing more can be sold there: the room is held, or the lane's counter says that nothing is left. */
  isClosed: boolean;
  /** Of the newest race of this epoch; 0 before the first, where taps now go to no lane that could lose one, and in a contest. */
  raceSeq: number;
  /** When the guardrail tripped, as the room tells it; null while it has not. */
  trippedAtMs: number | null;
  /** Something else is shown that has to be seen. */
  isCovered: boolean;
  /** A lost update is shown, whoever asked for it. */
  isShown: boolean;
}

/** What a page knows beside the room. */
export type Shown = Pick<LostLook, 'isCovered' | 'isShown'>;

/** What decides, of a room as it stands. */
export function lostLook(view: RoomState, races: RaceBook, { isCovered, isShown }: Shown): LostLook {
  const { step, epoch, seq, hold, guardrail, sku } = view;
  const lanes = tappedLanes(view)
    .filter((lane) => LANES[lane].hasLineage)
    .map((lane) => ofLane(view.lanes, lane));
  const { newest } = races;
  return {
    step,
    epoch,
    seq,
    ops: lanes.reduce((sum, { ops }) => sum + ops, 0),
    inFlight: lanes.reduce((sum, { inFlight }) => sum + inFlight, 0),
    isClosed: hold !== null || lanes.every(({ stored }) => stored >= sku.capacity),
    // One lane's loss would lie over all of them.
    raceSeq: lanes.length > 0 && pageOf(view) !== 'contest' && newest?.epoch === epoch ? newest.seq : 0,
    trippedAtMs: guardrail.atMs,
    // A question and a countdown are the room's own business.
    isCovered: isCovered || view.guess?.open === true || (hold !== null && hold.goAtMs !== null),
    isShown,
  };
}

/** Decides when it comes. Told what is seen, and when; reads no clock. */
export class LostMoment {
  /** Where the step of the race was entered in this epoch: only what came afterwards is news. */
  #entered: { epoch: number; seq: number } | null = null;
  /** The epoch in which it was shown already. */
  #shownIn: number | null = null;
  #ops = 0;
  #trippedAtMs: number | null = null;
  /** Until when it does not come, monotonic milliseconds. */
  #notBeforeMs = 0;

  /** Looks once more; true when it comes now. `nowMs` is monotonic. */
  comes(look: LostLook, nowMs: number): boolean {
    if (look.step !== RACE_STEP) {
      this.#entered = null;
      return false;
    }
    if (this.#entered?.epoch !== look.epoch) {
      this.#entered = { epoch: look.epoch, seq: look.seq };
      this.#trippedAtMs = look.trippedAtMs;
      this.#notBeforeMs = nowMs + SETTLED_MS;
    }
    this.#note(look, nowMs);
    const isNews = look.raceSeq > this.#entered.seq && this.#shownIn !== look.epoch;
    if (!isNews) return false;
    const comes = !look.isShown && nowMs >= this.#notBeforeMs;
    if (comes || look.isShown) this.#shownIn = look.epoch;
    return comes;
  }

  /** Looks again and again, and calls `come` when it comes. `look` gives null while nothing is known of the room. */
  watch(look: () => LostLook | null, come: () => void): Cancel {
    const looking = setInterval(() => {
      const seen = look();
      if (seen && this.comes(seen, performance.now())) come();
    }, LOOK_EVERY_MS);
    return () => {
      clearInterval(looking);
    };
  }

  #note(look: LostLook, nowMs: number): void {
    const isQuiet = look.ops === this.#ops && (look.inFlight === 0 || look.isClosed) && !look.isCovered;
    if (!isQuiet) this.#wait(nowMs + SETTLED_MS);
    if (look.trippedAtMs !== this.#trippedAtMs) this.#wait(nowMs + TRIP_MS);
    this.#ops = look.ops;
    this.#trippedAtMs = look.trippedAtMs;
  }

  #wait(untilMs: number): void {
    this.#notBeforeMs = Math.max(this.#notBeforeMs, untilMs);
  }
}
