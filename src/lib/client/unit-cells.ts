/** One cell for each acknowledged unit of a lane, in the order of acknowledgement: kept in the counter, or lost from it. */
import { assert } from '#lib/domain/assert.ts';

/** What a cell says of its unit. */
export const CELL = { kept: 1, lost: 2 } as const;

/** Changes that are remembered: whoever draws less often than that draws everything anew. */
const MAX_CHANGES = 4_096;

/** Cells of one lane in one epoch. Grows in place; a new epoch gets a new object. */
export class UnitCells {
  #states = new Uint8Array(256);
  #length = 0;
  #lost = 0;
  /** Units that were added or marked, newest last, as `[from, to)`; `#changes` of them in all. */
  #spansChanged: [from: number, to: number][] = [];
  #changes = 0;
  /** Where the units of an op stand that can be lost. */
  readonly #spans = new Map<string, { at: number; units: number }>();

  /** Acknowledged units. */
  get length(): number {
    return this.#length;
  }

  /** Units that are lost now. */
  get lost(): number {
    return this.#lost;
  }

  /** One number of {@link CELL} for each unit. A view of the live memory: read it, do not keep it. */
  get states(): Uint8Array {
    return this.#states.subarray(0, this.#length);
  }

  /** How often the cells have changed. */
  get changes(): number {
    return this.#changes;
  }

  /** What has changed since `changes` was that, as ranges of units that may overlap; null when it is no longer known. */
  changedSince(changes: number): readonly (readonly [from: number, to: number])[] | null {
    const missed = this.#changes - changes;
    if (missed > this.#spansChanged.length) return null;
    return missed === 0 ? [] : this.#spansChanged.slice(-missed);
  }

  /** The units of an op that was allocated; without its name those of one that is never marked. */
  add(op: string | null, units: number): void {
    this.#reserve(this.#length + units);
    if (op !== null) this.#spans.set(op, { at: this.#length, units });
    this.#note(this.#length, units);
    this.#states.fill(CELL.kept, this.#length, this.#length + units);
    this.#length += units;
  }

  /** The op left the stored counter, or came back into it. */
  mark(op: string, lost: boolean): void {
    const span = this.#spans.get(op);
    assert(span, `op ${op} has cells`);
    this.#states.fill(lost ? CELL.lost : CELL.kept, span.at, span.at + span.units);
    this.#lost += lost ? span.units : -span.units;
    this.#note(span.at, span.units);
  }

  #note(at: number, units: number): void {
    this.#changes += 1;
    this.#spansChanged.push([at, at + units]);
    if (this.#spansChanged.length > 2 * MAX_CHANGES) this.#spansChanged.splice(0, MAX_CHANGES);
  }

  #reserve(length: number): void {
    if (length <= this.#states.length) return;
    const larger = new Uint8Array(Math.max(length, this.#states.length * 2));
    larger.set(this.#states);
    this.#states = larger;
  }
}
