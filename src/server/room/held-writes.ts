/** Writes of a lane that came before the versions they follow: held until the gap between them closes. */
import type { Write } from '#lib/domain/lineage.ts';
import type { WriteTimes } from '#lib/domain/settle.ts';

/** How long a gap between versions may stay open before the rows are asked, milliseconds. */
const GAP_PATIENCE_MS = 2_000;

/** A write as its lane reported it, or as it stands in the rows. */
export interface Held {
  write: Write;
  times: WriteTimes;
}

/** See the module's comment. */
export class HeldWrites {
  readonly #byVersion = new Map<number, Held>();
  readonly #gapStays: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** @param gapStays called when a gap has been open for too long */
  constructor(gapStays: () => void) {
    this.#gapStays = gapStays;
  }

  hold(held: Held): void {
    this.#byVersion.set(held.write.version, held);
  }

  at(version: number): Held | undefined {
    return this.#byVersion.get(version);
  }

  /** Everything up to a version is applied, and stored; what is still held waits for a gap to close. */
  applied(version: number): void {
    for (const each of [...this.#byVersion.keys()]) if (each <= version) this.#byVersion.delete(each);
    if (this.#byVersion.size > 0) this.watchGap();
    else this.#stopWatching();
  }

  watchGap(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#gapStays();
    }, GAP_PATIENCE_MS);
  }

  /** A new epoch begins: versions start again. */
  clear(): void {
    this.#byVersion.clear();
    this.#stopWatching();
  }

  #stopWatching(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
