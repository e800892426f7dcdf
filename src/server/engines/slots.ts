/**
 * An engine's connections as a number of slots: so many requests at once, and so many that wait for their turn. Deployed, an object
 * may hold six connections at a time (developers.cloudflare.com/workers/platform/limits).
 */
import { EngineBusy } from '../lanes/carry-out.ts';

/** Connections of a lane's object. */
export const MOST_CONNECTIONS = 6;
/** Requests that wait for one; one more is told that the engine is busy. */
const MOST_WAITING = 64;
/** Longest wait for a turn, milliseconds: with a row that is locked for 250 ms a time, the last of 64 waits 16 s. */
const LONGEST_WAIT_MS = 20_000;

/** Lets at most so many through at once. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(most = MOST_CONNECTIONS) {
    this.#free = most;
  }

  /**
   * Runs `work` when its turn comes. Rejects with {@link EngineBusy} when too many wait or its turn does not come in time; then
   * `work` has not begun.
   */
  async use<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  #turn(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= MOST_WAITING) {
      return Promise.reject(new EngineBusy(`${MOST_WAITING} requests wait for a connection`));
    }
    return new Promise((resolve, reject) => {
      const granted = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(granted), 1);
        reject(new EngineBusy('no connection became free in time'));
      }, LONGEST_WAIT_MS);
      this.#waiting.push(granted);
    });
  }
}
