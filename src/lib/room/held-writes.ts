/** Writes that were reported before the version that they follow, held until the gap closes. */
import type { Work } from '#lib/domain/work.ts';
import type { Write, WriteTimes } from '#lib/domain/write.ts';
import type { Cancel, RoomPorts } from './context.ts';

/** How long a gap between versions may stay open before the lane's rows are read, milliseconds. */
const GAP_PATIENCE_MS = 2_000;

/** A write, as its lane reported it or as its row has it. */
export interface Held {
  write: Write;
  times: WriteTimes;
  /** Only of a write that its lane reported: rows do not have it. */
  work?: Work | undefined;
}

/** The held writes of one lane, by version. */
export class HeldWrites {
  readonly #byVersion = new Map<number, Held>();
  readonly #ports: RoomPorts;
  readonly #gapStays: () => void;
  #timer: Cancel | null = null;

  /** @param gapStays called when a gap has been open for too long */
  constructor(ports: RoomPorts, gapStays: () => void) {
    this.#ports = ports;
    this.#gapStays = gapStays;
  }

  /** Holds a write. What its lane reported of it is not given up for its row. */
  hold(held: Held): void {
    const { version } = held.write;
    if (!this.#byVersion.get(version)?.work) this.#byVersion.set(version, held);
  }

  at(version: number): Held | undefined {
    return this.#byVersion.get(version);
  }

  /** Drops writes up to a version, which are stored; if others are still held, waits for their gap to close. */
  applied(version: number): void {
    for (const each of [...this.#byVersion.keys()]) if (each <= version) this.#byVersion.delete(each);
    if (this.#byVersion.size > 0) this.watchGap();
    else this.#stopWatching();
  }

  watchGap(): void {
    this.#timer ??= this.#ports.after(GAP_PATIENCE_MS, () => {
      this.#timer = null;
      this.#gapStays();
    });
  }

  /** A new epoch begins: versions start again. */
  clear(): void {
    this.#byVersion.clear();
    this.#stopWatching();
  }

  #stopWatching(): void {
    this.#timer?.();
    this.#timer = null;
  }
}
