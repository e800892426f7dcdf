/** Exports of an ended show's log by people without a session: some at a time, because anybody who has the code may ask. */

/** Exports that are under way at once. */
const MOST_AT_ONCE = 4;
/** An export whose reader stands still keeps its place no longer than this, milliseconds. */
const HELD_MS = 30_000;
/** When one that was refused may find a place, milliseconds. */
export const EXPORT_RETRY_MS = 5_000;

/** See the module's header. */
export class Exports {
  readonly #begunAtMs = new Set<{ atMs: number }>();

  /** Takes a place: what gives it back, to be called when the reader is done or gone. Null when all are taken. */
  begin(nowMs: number): (() => void) | null {
    for (const place of this.#begunAtMs) {
      if (nowMs - place.atMs > HELD_MS) this.#begunAtMs.delete(place);
    }
    if (this.#begunAtMs.size >= MOST_AT_ONCE) return null;
    const place = { atMs: nowMs };
    this.#begunAtMs.add(place);
    return () => void this.#begunAtMs.delete(place);
  }
}
