/** A clock and a timer that move only when a test says so. */
import type { Clock, Later } from '#lib/client/surroundings.ts';

interface Timer {
  at: number;
  run: () => void;
}

/** Starts at monotonic 0, and at an arbitrary but fixed wall time. */
export class FakeTime {
  static readonly WALL = 1_790_000_000_000;
  #now = 0;
  #timers: Timer[] = [];

  #steppedMs = 0;

  readonly clock: Clock = {
    monotonic: () => this.#now,
    wall: () => FakeTime.WALL + this.#now + this.#steppedMs,
  };
  readonly later: Later = (run, afterMs) => {
    const timer = { at: this.#now + afterMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Somebody sets the device's clock: what is of the wall jumps, what is monotonic does not. */
  stepWall(ms: number): void {
    this.#steppedMs += ms;
  }

  /** Moves on, running every timer at its own moment. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }

  /** True while something is planned. */
  get isBusy(): boolean {
    return this.#timers.length > 0;
  }
}
