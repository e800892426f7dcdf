/**
 * The rehearsal's time: a list of what is due when. Things happen in the order of their times, and each at its own time,
 * however late the browser's timers are: the same seed and the same taps make the same history, on a slow machine too.
 */

/** Calls something off. */
export type Cancel = () => void;

interface Due {
  atMs: number;
  run: () => void;
  off: boolean;
}

/** A queue of work by due time. Times are whole milliseconds since the rehearsal began. */
export class Schedule {
  #nowMs = 0;
  /** Earliest last; of two at the same time, the one that was planned first is later in the list. */
  readonly #due: Due[] = [];

  /** The time of the work that runs, or of the last that ran. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** When the next thing is due; null when nothing is. */
  get nextMs(): number | null {
    while (this.#due.at(-1)?.off) this.#due.pop();
    return this.#due.at(-1)?.atMs ?? null;
  }

  /** Plans something. */
  after(ms: number, run: () => void): Cancel {
    const due: Due = { atMs: this.#nowMs + Math.max(0, Math.round(ms)), run, off: false };
    let low = 0;
    let high = this.#due.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#due[middle]!.atMs > due.atMs) low = middle + 1;
      else high = middle;
    }
    this.#due.splice(low, 0, due);
    return () => {
      due.off = true;
    };
  }

  /** Lets time go on to `toMs`, and everything happen that is due until then. Time never goes back. */
  advance(toMs: number): void {
    for (let next = this.nextMs; next !== null && next <= toMs; next = this.nextMs) {
      const due = this.#due.pop()!;
      this.#nowMs = due.atMs;
      due.run();
    }
    this.#nowMs = Math.max(this.#nowMs, Math.floor(toMs));
  }
}

/** The clock and the timer of the place that a rehearsal runs in. */
export interface Pace {
  /** Monotonic milliseconds. */
  now(): number;
  later(run: () => void, afterMs: number): Cancel;
}

/** Keeps a schedule at the pace of a real clock. */
export class Pulse {
  readonly #schedule: Schedule;
  readonly #pace: Pace;
  readonly #beganAtMs: number;
  #cancel: Cancel | null = null;

  constructor(schedule: Schedule, pace: Pace) {
    this.#schedule = schedule;
    this.#pace = pace;
    this.#beganAtMs = pace.now() - schedule.nowMs;
  }

  /** Brings the schedule up to now, does something at that time, and waits for what is due next. */
  at<T>(act: () => T): T {
    this.#schedule.advance(this.#pace.now() - this.#beganAtMs);
    const result = act();
    this.#arm();
    return result;
  }

  /** Stops the timer; nothing runs any more. */
  stop(): void {
    this.#cancel?.();
  }

  #arm(): void {
    this.#cancel?.();
    const nextMs = this.#schedule.nextMs;
    if (nextMs === null) return;
    const inMs = nextMs - (this.#pace.now() - this.#beganAtMs);
    this.#cancel = this.#pace.later(() => this.at(() => undefined), Math.max(0, inMs));
  }
}
