/** Counts down to a moment, on whichever clock it is told. */
import type { Cancel, Later } from './surroundings.ts';

/**
 * Tells whole seconds left, rounded up, at once and whenever the number changes; null when nothing is left. Returns what ends it.
 * @param leftMs milliseconds that are left, asked anew each time, because a clock becomes better known
 */
export function countDown(
  leftMs: () => number,
  later: Later,
  tell: (seconds: number | null) => void,
): Cancel {
  let cancel = () => {};
  const look = () => {
    const left = leftMs();
    tell(left > 0 ? Math.ceil(left / 1_000) : null);
    if (left > 0) cancel = later(look, left % 1_000 || 1_000);
  };
  look();
  return () => cancel();
}
