/**
 * The remote of the script: one press turns the page and sets the stage. Step and mode go out in one message, so that no
 * screen ever shows the page of one with the lane of the other, and nothing here can change stock, in either direction.
 * The script is the whole show's: each of its rooms has its own step, and a presenter means all of them.
 */
import { STEPS, turnTo } from '#lib/domain/script.ts';
import type { Mode, Tapped } from '#lib/domain/lane.ts';
import type { PresenterApi } from './presenter-api.ts';

/** What a remote needs. */
export interface StepRoom {
  /** The room on screen: its step goes over the open socket. False when there is none; `sent` is called when it went. */
  control: (change: { step: number; mode?: Mode }, sent: () => void) => boolean;
  /** Step and mode of that room, and the lanes of the show; null before its first word. */
  now: () => (Tapped & { readonly step: number }) | null;
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
    // The other rooms follow; one that cannot be reached now is set by the next turn of the page.
    const follow = () => {
      for (const skuId of this.#otherSkus) void this.#api.control({ skuId, ...turn });
    };
    if (!this.#room.control(turn, follow)) {
      this.forget();
      return false;
    }
    // A step that stands already is not told again.
    if (step !== (this.#asked.at(-1) ?? now.step)) this.#asked.push(step);
    return true;
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
