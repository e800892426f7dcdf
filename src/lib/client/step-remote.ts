/** The step of the script, for the whole show: each of its rooms has its own, and a presenter means all of them. */
import { STEPS } from '#lib/domain/script.ts';
import type { Api } from './api.ts';

/** What a remote needs. */
export interface StepRoom {
  /** The room on screen: its step goes over the open socket. False when there is none. */
  control: (change: { step: number }) => boolean;
  /** Step of that room; null before its first word. */
  step: () => number | null;
}

/** Turns the pages of the script. */
export class StepRemote {
  readonly #room: StepRoom;
  readonly #api: Api;
  readonly #otherSkus: readonly string[];
  /** The step that was asked for and is not confirmed: two quick presses are two steps. */
  #asked: { from: number; to: number } | null = null;

  constructor(room: StepRoom, api: Api, otherSkus: readonly string[]) {
    this.#room = room;
    this.#api = api;
    this.#otherSkus = otherSkus;
  }

  /** Next (1) or previous (−1). False when the room cannot be reached: nothing was changed. */
  move(by: 1 | -1): boolean {
    const now = this.#room.step();
    if (now === null) return false;
    const from = this.#asked?.from === now ? this.#asked.to : now;
    return this.go(Math.min(STEPS, Math.max(1, from + by)));
  }

  /** To one step of the script. */
  go(step: number): boolean {
    const now = this.#room.step();
    if (now === null || !this.#room.control({ step })) return false;
    this.#asked = { from: now, to: step };
    // The other rooms follow; one that cannot be reached now is set by the next turn of the page.
    for (const skuId of this.#otherSkus) void this.#api.control({ skuId, step });
    return true;
  }
}
