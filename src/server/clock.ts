/**
 * Time that only goes on, for durations. A server's clock is set while it runs: back, and a wait for the time it had becomes
 * an hour; forward, and everything is due. The runtime has no other clock: `performance.now()` is `Date.now()` there, and in
 * production both stand still between two inputs. Sessions, the end of a show and alarms live by the clock of the wall.
 */

/** More at once is a clock that was set: hardly an object stays in memory that handles nothing for so long, milliseconds. */
const MOST_AT_ONCE_MS = 60_000;

/** Does something in so many milliseconds; what it returns calls that off. */
export function after(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}

/** A clock of Unix milliseconds that begins where the wall's stands, never goes back, and goes on when that is set. */
export function steadyClock(wall: () => number): () => number {
  let read = wall();
  let steady = read;
  return () => {
    const now = wall();
    steady += Math.min(Math.max(0, now - read), MOST_AT_ONCE_MS);
    read = now;
    return steady;
  };
}
