/**
 * The curve of a race: what was acknowledged and what the counters said, moment by moment, for the lanes of one chart.
 * Long pauses are cut out of its time axis and kept as marks, so that a race of three seconds stays readable when the
 * presenter talked for five minutes before it.
 */
import { byLane, lanesIn } from './by-lane.ts';
import type { ErrorCode } from './codes.ts';
import { ofLane } from './lane.ts';
import type { ByLane, LaneId } from './lane.ts';

/** Silence between two allocations that is longer than this is cut from the axis, milliseconds. */
export const PAUSE_MS = 10_000;
/** What is left of a pause on the axis, milliseconds: enough to see that there was one. */
export const CUT_MS = 500;
/** How long the lines may go on level after a climb of no length, milliseconds. */
const LEAST_LEVEL_MS = 1_000;

/** A pause that was cut: where it stands on the axis (seconds), and how long it was (milliseconds). */
export interface Cut {
  x: number;
  pausedMs: number;
}

/** Columns of a chart: values at the moments of `xs`. */
export interface LaneCurve {
  acknowledged: number[];
  stored: number[];
  /** Ops that were refused by then because nothing was left. */
  turnedAway: number[];
}

/** What a lane had after an event: units, and refused ops by code. */
export interface LaneMoment {
  acknowledged: number;
  stored: number;
  refused?: Partial<Record<ErrorCode, number>>;
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
  /** Where on the axis the newest allocation stands. */
  #soldMs = 0;

  readonly #most: number;

  /** `most`: moments that are kept at most, at least 3. */
  constructor(lanes: readonly LaneId[], most = Infinity) {
    this.lanes = lanes;
    this.curves = byLane(lanes, () => ({ acknowledged: [], stored: [], turnedAway: [] }));
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
    this.#soldMs = this.#axisMs;
    this.#mark(lanes);
  }

  /**
   * Ops were refused at `atMs` because nothing was left: the lines go on, level, for at most as long as they climbed, so that
   * the climb stays readable however long people go on asking. Later refusals are counted where the lines end.
   */
  refuse(atMs: number, lanes: Readonly<ByLane<LaneMoment>>): void {
    if (this.xs.length === 0) return;
    const axisMs = this.#axisMs + Math.max(0, atMs - this.#lastAtMs);
    if (axisMs > Math.max(LEAST_LEVEL_MS, 2 * this.#soldMs)) return this.#put(this.xs.length - 1, lanes);
    this.#axisMs = axisMs;
    this.#lastAtMs = Math.max(this.#lastAtMs, atMs);
    this.#mark(lanes);
  }

  /** The newest moment, at the end of the axis. */
  #mark(lanes: Readonly<ByLane<LaneMoment>>): void {
    const x = this.#axisMs / 1_000;
    // Events of one commit share their millisecond: its last state stands for it. The start at zero is kept.
    if (this.xs.length >= this.#most && this.xs.at(-1) !== x) this.#halve();
    const last = this.xs.length - 1;
    const at = last > 0 && this.xs[last] === x ? last : last + 1;
    this.xs[at] = x;
    this.#put(at, lanes);
  }

  #begin(atMs: number): void {
    this.#lastAtMs = atMs;
    const nothing = { acknowledged: 0, stored: 0 };
    this.xs[0] = 0;
    this.#put(
      0,
      byLane(this.lanes, () => nothing),
    );
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
    for (const [, { acknowledged, stored, turnedAway }] of this.#curves) {
      keep(acknowledged);
      keep(stored);
      keep(turnedAway);
    }
  }

  #put(at: number, lanes: Readonly<ByLane<LaneMoment>>): void {
    for (const [lane, curve] of this.#curves) {
      const { acknowledged, stored, refused } = ofLane(lanes, lane);
      curve.acknowledged[at] = acknowledged;
      curve.stored[at] = stored;
      curve.turnedAway[at] = refused?.OUT_OF_STOCK ?? 0;
    }
  }
}
