/** The moment in which a lane sells the first unit that does not exist: a second of stillness, then news for a while. */
import type { Crossing } from '#lib/client/lane-drawings.ts';

/** How long the stage stands still, milliseconds: long enough to be read aloud in one breath. */
export const STILL_MS = 1_000;
/** How long it is news afterwards, milliseconds. */
const NEWS_MS = 10_000;

/** Make one in the browser only, and {@link CrossingMoment.stop} it when its scene goes. */
export class CrossingMoment {
  #phase = $state<'still' | 'news' | 'known'>('known');
  #crossing: Crossing | null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `known`: what had crossed before the scene was there; that is no moment any more. */
  constructor(known: Crossing | null) {
    this.#crossing = known;
  }

  /** True while the race is not shown. */
  get isStill(): boolean {
    return this.#phase === 'still';
  }

  /** True while it has just happened. */
  get isNews(): boolean {
    return this.#phase !== 'known';
  }

  /** What has crossed by now, null in an epoch without. It stands still for what is watched live, and where motion may. */
  take(crossing: Crossing | null): void {
    if (crossing === this.#crossing) return;
    this.#crossing = crossing;
    this.stop();
    if (!crossing?.live) this.#phase = 'known';
    else if (matchMedia('(prefers-reduced-motion: reduce)').matches) this.#tell();
    else {
      this.#phase = 'still';
      this.#timer = setTimeout(() => this.#tell(), STILL_MS);
    }
  }

  /** Stops the timer; what is shown stays. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #tell(): void {
    this.#phase = 'news';
    this.#timer = setTimeout(() => (this.#phase = 'known'), NEWS_MS);
  }
}
