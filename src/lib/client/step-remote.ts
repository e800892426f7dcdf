/**
 * The remote of the script: one press turns the page and sets the stage. Step and mode go out in one message, so that no
 * screen ever shows the page of one with the lane of the other, and nothing here can change stock, in either direction.
 * The script is the whole show's: each of its rooms has its own step, and a presenter means all of them.
 */
import { STEPS, turnTo } from '#lib/domain/script.ts';
import type { Mode, Tapped } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { PresenterApi } from './presenter-api.ts';

/** What the remote changes: the page with its lane, or whether the room waits. */
type Change = { step: number; mode?: Mode } | { hold: true } | { go: true };

/** What a remote needs. */
export interface StepRoom {
  /** The room on screen: its step goes over the open socket. False when there is none; `sent` is called when it went. */
  control: (change: Change, sent: () => void) => boolean;
  /** Step, mode and hold of that room, and the lanes of the show; null before its first word. */
  now: () => (Tapped & Pick<RoomState, 'step' | 'hold'>) | null;
}

/** Turns the pages of the script. */
export class StepRemote {
  readonly #room: StepRoom;
  readonly #api: PresenterApi;
  readonly #otherSkus: readonly string[];
  /** Steps that were asked for and are not told yet, in order: two quick presses are two steps. */
  #asked: number[] = [];

  constructor(room: StepRoom, api: PresenterApi, otherSkus: readonly string[]) {
    this.#room = room;
    this.#api = api;
    this.#otherSkus = otherSkus;
  }

  /** Next (1) or previous (−1). False when the room cannot be reached: nothing was changed. */
  move(by: 1 | -1): boolean {
    const now = this.#room.now();
    if (now === null) return false;
    const from = this.#asked.at(-1) ?? now.step;
    return this.go(Math.min(STEPS, Math.max(1, from + by)));
  }

  /** To one step of the script; to the step it is on already, it sets the stage again. */
  go(step: number): boolean {
    const now = this.#room.now();
    if (now === null) return false;
    const turn = turnTo(step, now);
    if (!this.#change(turn)) {
      this.forget();
      return false;
    }
    // A step that stands already is not told again.
    if (step !== (this.#asked.at(-1) ?? now.step)) this.#asked.push(step);
    return true;
  }

  /**
   * One press further, for every room of the show: a running one is held; a held one gets its GO, and a countdown is called off.
   * False when the room cannot be reached.
   */
  turnHold(): boolean {
    const now = this.#room.now();
    return now !== null && this.#change(now.hold?.goAtMs === null ? { go: true } : { hold: true });
  }

  /** The other rooms follow the one on screen; one that cannot be reached now is set by the next change. */
  #change(change: Change): boolean {
    return this.#room.control(change, () => {
      for (const skuId of this.#otherSkus) void this.#api.control({ skuId, ...change });
    });
  }

  /** The room told a step: this remote's own, or somebody else's, from where the next press goes on. */
  told(step: number): void {
    if (this.#asked.shift() !== step) this.forget();
  }

  /** What was asked on a connection that is gone may never have arrived: the room's word alone counts. */
  forget(): void {
    this.#asked = [];
  }
}
