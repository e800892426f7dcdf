/**
 * A phone that is told that a unit of its owner's was overwritten shakes for a moment. In a race that comes many times a second:
 * a burst of losses is one buzz.
 */
import type { Down } from '#lib/protocol/down.ts';
import type { Clock } from './surroundings.ts';
import { browserClock } from './surroundings.ts';

/** Losses that are no further apart belong to one burst, milliseconds. */
const BURST_MS = 2_000;
/** Two short ones: a tap is one. Milliseconds on, off, on. */
const BUZZ = [40, 60, 40];

/** Hears every message of a room, and buzzes when the first loss of a burst is told. */
export function buzzWhenLost(
  buzz: () => void = shake,
  clock: Pick<Clock, 'monotonic'> = browserClock,
): (message: Down) => void {
  let lastAtMs = -Infinity;
  return (message) => {
    if (message.t !== 'fate' || message.fate !== 'lost') return;
    const now = clock.monotonic();
    if (now - lastAtMs > BURST_MS) buzz();
    lastAtMs = now;
  };
}

/** Not every device can, not everybody wants it, and a browser complains on a page that was never touched. */
function shake(): void {
  const { userActivation } = navigator as Partial<Navigator>;
  if (userActivation?.hasBeenActive === false || matchMedia('(prefers-reduced-motion: reduce)').matches)
    return;
  navigator.vibrate?.(BUZZ);
}
