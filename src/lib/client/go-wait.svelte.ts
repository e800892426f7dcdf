/** How long a held room still waits for its GO, on this page's own clock: so every screen begins at the same moment. */
import { untrack } from 'svelte';
import { countDown } from './countdown.ts';
import type { LiveRoom } from './live-room.svelte.ts';
import type { Time } from './surroundings.ts';
import { browserTime } from './surroundings.ts';

/** Whole seconds until ops are taken, rounded up; Infinity while no GO was given; null when they are taken. */
export type Wait = number | null;

/** Follows a room's hold. Make one while a component is made. */
export class GoWait {
  #seconds = $state<Wait>(null);

  /** @param room its clock is told late, never early: so no screen begins before the room takes ops. */
  constructor(room: Pick<LiveRoom, 'state' | 'clockOffsetMs'>, { clock, later }: Time = browserTime) {
    // Every frame brings a new state; the countdown begins anew only when its GO is another one.
    const goAtMs = $derived(room.state?.hold ? (room.state.hold.goAtMs ?? Infinity) : null);
    // Before anything is drawn: a held room is never seen to sell, not even for a moment.
    $effect.pre(() => {
      const untilMs = goAtMs;
      if (untilMs === null || untilMs === Infinity) {
        this.#seconds = untilMs;
        return;
      }
      const leftMs = () => untilMs - clock.monotonic() - untrack(() => room.clockOffsetMs ?? 0);
      return countDown(leftMs, later, (seconds) => (this.#seconds = seconds));
    });
  }

  /** See {@link Wait}. */
  get seconds(): Wait {
    return this.#seconds;
  }
}
