/**
 * The remote of the script: one press turns the page and sets the stage, or gives the GO of a step that waits for it. Step, mode and
 * hold go out in one message, so that no screen ever shows the page of one with the lane of the other, and nothing here can
 * change stock, in either direction. The script is the whole show's: each of its rooms has its own step, and a presenter means all
 * of them.
 */
import { waitForGo } from '#lib/domain/hold.ts';
import { nextPress, pageAfter, pageBefore, pageOf, stepOf, turnTo } from '#lib/domain/script.ts';
import type { Page, StepTurn } from '#lib/domain/script.ts';
import type { Mode, Tapped } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Pressed } from './presenter-acts.ts';
import type { PresenterApi } from './presenter-api.ts';

/** What the remote changes: the page with its lane, or whether the room waits. */
type Change = StepTurn | { hold: true } | { go: true };

/** What a remote needs. */
export interface StepRoom {
  /** The room on screen: its step goes over the open socket. False when there is none; `sent` is called when it went. */
  control: (change: Change, sent: () => void) => boolean;
  /** Step, mode and hold of that room, and the lanes of the show; null before its first word. */
  now: () => (Tapped & Pick<RoomState, 'step' | 'hold'>) | null;
  /** Unix milliseconds of that room: a hold ends by its clock, and no frame need tell of it. */
  clock: () => number;
}

/** A turn that was asked for, which of the room's words tells that it is done, and whether the show is held by then. */
interface Asked {
  page: Page;
  by: 'step' | 'mode';
  isHeld: boolean;
}

/** Turns the pages of the script. */
export class StepRemote {
  readonly #room: StepRoom;
  readonly #api: PresenterApi;
  readonly #otherSkus: readonly string[];
  /** Turns that were asked for and are not told yet, in order: two quick presses are two presses. */
  #asked: Asked[] = [];
  /** The newest change of each other room: it is sent once the one before it was answered, so that none overtakes another. */
  readonly #followed = new Map<string, Promise<unknown>>();

  constructor(room: StepRoom, api: PresenterApi, otherSkus: readonly string[]) {
    this.#room = room;
    this.#api = api;
    this.#otherSkus = otherSkus;
  }

  /** Next: one page further, or the GO that this one waits for. False when the room cannot be reached: nothing was changed. */
  next(): Pressed {
    const now = this.#room.now();
    if (now === null) return false;
    const asked = this.#asked.at(-1);
    const page = asked?.page ?? pageOf(now);
    const press = nextPress(page, asked?.isHeld ? Infinity : waitForGo(now.hold, this.#room.clock()));
    if (press === 'counting') return press;
    return press === 'go' ? this.#change({ go: true }) : this.go(pageAfter(page, now.lanes));
  }

  /** One page back; what waits goes on waiting, what is sold goes on being sold. */
  previous(): boolean {
    const now = this.#room.now();
    return now !== null && this.go(pageBefore(this.#asked.at(-1)?.page ?? pageOf(now), now.lanes));
  }

  /** To one page of the script; to the page it is on already, it sets the stage again. */
  go(page: Page): boolean {
    const now = this.#room.now();
    if (now === null) return false;
    const asked = this.#asked.at(-1);
    const from = asked?.page ?? pageOf(now);
    const turn = turnTo(page, now, from);
    if (!this.#change(turn)) {
      this.forget();
      return false;
    }
    // What stands already is not told again.
    const by = stepOf(page) === stepOf(from) ? 'mode' : 'step';
    if (page !== from) this.#asked.push({ page, by, isHeld: Boolean(turn.hold) || (asked?.isHeld ?? false) });
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
      for (const skuId of this.#otherSkus) {
        const before = this.#followed.get(skuId) ?? Promise.resolve();
        const follow = () => this.#api.control({ skuId, ...change });
        this.#followed.set(skuId, before.then(follow));
      }
    });
  }

  /** The room told a step: this remote's own, or somebody else's, from where the next press goes on. */
  told(step: number): void {
    const asked = this.#asked.shift();
    if (asked?.by !== 'step' || stepOf(asked.page) !== step) this.forget();
  }

  /** The room told a mode. It counts where it is all that tells one page from the next: most turns tell a step as well. */
  toldMode(mode: Mode): void {
    if (this.#asked[0]?.by !== 'mode') return;
    const { page } = this.#asked.shift()!;
    if ((page === 'contest') !== (mode === 'contest')) this.forget();
  }

  /** What was asked on a connection that is gone may never have arrived: the room's word alone counts. */
  forget(): void {
    this.#asked = [];
  }
}
