/**
 * A steady clock for durations. A server's clock may be set while it runs: set back, a wait of seconds becomes an hour; set
 * forward, everything is due. The runtime has no other clock: its `performance.now()` is `Date.now()` (seen with workerd
 * 1.20261023.1), and deployed both advance with I/O only
 * (developers.cloudflare.com/workers/runtime-apis/performance). Sessions, the end of a show and alarms use the wall clock.
 */

/**
 * Largest step that counts, milliseconds: a larger one means that the clock was set, because an idle object does not stay
 * in memory for so long.
 */
const MOST_AT_ONCE_MS = 60_000;

/** A clock that starts at the wall clock's Unix milliseconds, never goes back, and ignores changes of that clock. */
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
