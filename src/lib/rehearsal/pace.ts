/** The browser's clock and timer, as a rehearsal takes them. */
import type { Pace } from './schedule.ts';

/** Works in pages and in workers. */
export const browserPace: Pace = {
  now: () => performance.now(),
  later: (run, afterMs) => {
    const timer = setTimeout(run, afterMs);
    return () => clearTimeout(timer);
  },
};
