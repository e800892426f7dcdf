/**
 * Makes one tap of each touch. A finger counts when it lands, which is earlier than its click; the click that browsers send
 * afterwards is the same touch and is not counted again. Clicks without a touch (keyboards, switches, screen readers) count
 * by themselves.
 */

/** A click this soon after its finger left is that finger's, milliseconds. */
const CLICK_FOLLOWS_MS = 500;

/** Turns pointer and click events into taps, one for each touch. Times are monotonic milliseconds. */
export class TapGuard {
  #down = new Set<number>();
  #leftAtMs = -Infinity;

  /** A pointer landed. True: count it. */
  pressed(pointerId: number, button: number): boolean {
    if (button !== 0) return false;
    this.#down.add(pointerId);
    return true;
  }

  /** A pointer left, or was taken away by the system. */
  released(pointerId: number, nowMs: number): void {
    if (this.#down.delete(pointerId)) this.#leftAtMs = nowMs;
  }

  /** A click came; `detail` is the event's own: 0 for clicks that no pointer made. True: nothing was counted for it yet. */
  clicked(nowMs: number, detail: number): boolean {
    if (detail === 0) return true;
    return this.#down.size === 0 && nowMs - this.#leftAtMs > CLICK_FOLLOWS_MS;
  }
}
