/**
 * The curve of a race: what was acknowledged and what the counters said, moment by moment, for the lanes of one chart.
 * Long pauses are cut out of its time axis and kept as marks, so that a race of three seconds stays readable when the
 * presenter talked for five minutes before it.
 */
import { byLane, lanesIn } from './by-lane.ts';
import { ofLane } from './lane.ts';
import type { ByLane, LaneId } from './lane.ts';

/** Silence between two allocations that is longer than this is cut from the axis, milliseconds. */
export const PAUSE_MS = 10_000;
/** What is left of a pause on the axis, milliseconds: enough to see that there was one. */
export const CUT_MS = 500;

/** A pause that was cut: where it stands on the axis (seconds), and how long it was (milliseconds). */
export interface Cut {
  x: number;
  pausedMs: number;
}

/** Two columns of a chart: values at the moments of `xs`. */
export interface LaneCurve {
  acknowledged: number[];
  stored: number[];
}

/** What a lane had after an allocation, in units. */
export interface LaneMoment {
  acknowledged: number;
  stored: number;
}

/**
 * Points of one chart, in the order of their events. Grows in place; `xs` never goes back. One that is bounded leaves out
 * every second of its moments when it is full: what is left was so at its moment, and first and newest are always there.
 */
export class RaceSeries {
  /** The lanes of the chart, in their order. */
  readonly lanes: readonly LaneId[];
  /** Seconds since the first allocation, pauses cut. */
  readonly xs: number[] = [];
  /** Of each lane, at the moments of `xs`. */
  readonly curves: ByLane<LaneCurve>;
  readonly #curves: readonly [lane: LaneId, curve: LaneCurve][];
  /** The pauses that were cut, oldest first. */
  readonly cuts: Cut[] = [];
  #lastAtMs = 0;
  #axisMs = 0;

  readonly #most: number;

  /** `most`: moments that are kept at most, at least 3. */
  constructor(lanes: readonly LaneId[], most = Infinity) {
    this.lanes = lanes;
    this.curves = byLane(lanes, () => ({ acknowledged: [], stored: [] }));
    this.#curves = lanesIn(this.curves);
    this.#most = most;
  }

  /** One more allocation at `atMs` (Unix milliseconds), after which the lanes stood as `lanes` says. */
  add(atMs: number, lanes: Readonly<ByLane<LaneMoment>>): void {
    if (this.xs.length === 0) this.#begin(atMs);
    // Order is by seq, never by time: a clock that steps back draws no line backwards.
    const sinceLastMs = Math.max(0, atMs - this.#lastAtMs);
    this.#lastAtMs = Math.max(this.#lastAtMs, atMs);
    if (sinceLastMs > PAUSE_MS) {
      this.cuts.push({ x: (this.#axisMs + CUT_MS / 2) / 1_000, pausedMs: sinceLastMs });
      this.#axisMs += CUT_MS;
    } else {
      this.#axisMs += sinceLastMs;
    }
    const x = this.#axisMs / 1_000;
    // Events of one commit share their millisecond: its last state stands for it. The start at zero is kept.
    if (this.xs.length >= this.#most && this.xs.at(-1) !== x) this.#halve();
    const last = this.xs.length - 1;
    const at = last > 0 && this.xs[last] === x ? last : last + 1;
    this.#put(at, x, lanes);
  }

  #begin(atMs: number): void {
    this.#lastAtMs = atMs;
    const nothing = { acknowledged: 0, stored: 0 };
    const start = byLane(this.lanes, () => nothing);
    this.#put(0, 0, start);
  }

  /** The newest moment stays, and every second one before it: the start is among them. */
  #halve(): void {
    const keep = (values: number[]) => {
      const newest = values.at(-1)!;
      let to = 0;
      for (let from = 0; from < values.length - 1; from += 2) values[to++] = values[from]!;
      values[to++] = newest;
      values.length = to;
    };
    keep(this.xs);
    for (const [, { acknowledged, stored }] of this.#curves) {
      keep(acknowledged);
      keep(stored);
    }
  }

  #put(at: number, x: number, lanes: Readonly<ByLane<LaneMoment>>): void {
    this.xs[at] = x;
    for (const [lane, curve] of this.#curves) {
      const { acknowledged, stored } = ofLane(lanes, lane);
      curve.acknowledged[at] = acknowledged;
      curve.stored[at] = stored;
    }
  }
}
