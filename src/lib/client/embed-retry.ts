/** Tries again what a picture in somebody's slides could not ask: later each time, up to a minute. */
import type { Cancel, Later } from './surroundings.ts';
import { browserLater } from './surroundings.ts';

const FIRST_MS = 2_000;
const LONGEST_MS = 60_000;

/** A call that is made again later: `in` plans one, `stop` forgets the one that is planned. */
export interface Retry {
  in(run: () => void): void;
  stop(): void;
}

/** A retry that waits 2 s, then twice as long each time, up to a minute. */
export function retryLater(later: Later = browserLater): Retry {
  let pauseMs = FIRST_MS;
  let cancel: Cancel | null = null;
  return {
    in: (run) => {
      cancel = later(run, pauseMs);
      pauseMs = Math.min(LONGEST_MS, pauseMs * 2);
    },
    stop: () => cancel?.(),
  };
}
