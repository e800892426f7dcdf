/**
 * The room's clock by its frames. A frame is told late, never early: the largest offset is the nearest, and one that is much
 * smaller says that the room's clock was set back.
 */

/** No frame is this late on a link that is still believed in, milliseconds. */
const CLOCK_SET_MS = 15_000;

/**
 * What to add to the monotonic clock to get the room's Unix milliseconds, after a frame that was told at `roomMs`; rooms of
 * yesterday do not tell their time. `before` is null before the first welcome.
 */
export function offsetAfter(
  before: number | null,
  roomMs: number | undefined,
  monotonicMs: number,
): number | null {
  if (roomMs === undefined || before === null) return before;
  const offset = roomMs - monotonicMs;
  return offset > before || offset < before - CLOCK_SET_MS ? offset : before;
}
