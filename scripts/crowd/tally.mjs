/** Counts what a crowd was answered, and prints it. */
import { printable } from '../lib/printable.mjs';
import { percentile } from '#lib/domain/percentile.ts';

/** Upper ends of the latency histogram's bars, milliseconds; the last bar holds the rest. */
const BARS_MS = [5, 10, 20, 50, 100, 150, 250, 500, 1_000, 2_500];
const BAR_WIDTH = 40;
/** Close codes after which reconnecting cannot help (docs/api.md). */
export const FINAL_CLOSES = new Set([4401, 4403, 4404, 4410]);

/** Counters of a crowd, its live table and its report. */
export class Tally {
  /** Number of answers by outcome: `allocated`, or the code of a refusal. @type {Record<string, number>} */
  outcomes = {};
  /** From tap to answer, milliseconds. @type {number[]} */
  ms = [];
  reconnects = 0;
  #newest = 0;

  /** @param {import('./phone.mjs').Answer} answer */
  take(answer) {
    if (answer.outcome === 'pending') return;
    count(this.outcomes, answer.outcome);
    this.ms.push(answer.ms);
  }

  /** @param {readonly import('./phone.mjs').Phone[]} phones */
  #of(phones) {
    const sum = (/** @type {(phone: import('./phone.mjs').Phone) => number} */ of) =>
      phones.reduce((total, phone) => total + of(phone), 0);
    return {
      open: sum((phone) => Number(phone.open)),
      waiting: sum((phone) => (isOver(phone) ? 0 : phone.waiting.size)),
      cut: sum((phone) => (isOver(phone) ? phone.waiting.size : 0)),
      doubles: sum((phone) => phone.doubles),
      gaps: sum((phone) => phone.gaps),
      lost: sum((phone) => phone.lost - phone.restored),
      frames: sum((phone) => phone.frames),
      bytes: sum((phone) => phone.bytes),
    };
  }

  /** Titles of {@link Tally.line}. */
  static get titles() {
    return '    s   phones  answers  allocated   refused      lost   gaps  reconn   p50 ms   p95 ms  (of the last second)';
  }

  /**
   * One line of the live table; latency since the line before.
   * @param {readonly import('./phone.mjs').Phone[]} phones
   * @param {number} seconds
   */
  line(phones, seconds) {
    const { open, lost, gaps } = this.#of(phones);
    const fresh = this.ms.slice(this.#newest);
    this.#newest = this.ms.length;
    const allocated = this.outcomes['allocated'] ?? 0;
    const columns = [
      [seconds.toFixed(0), 5],
      [open, 8],
      [this.ms.length, 8],
      [allocated, 10],
      [this.ms.length - allocated, 9],
      [lost, 9],
      [gaps, 6],
      [this.reconnects, 7],
      [milliseconds(percentile(fresh, 0.5)), 8],
      [milliseconds(percentile(fresh, 0.95)), 8],
    ];
    return columns.map(([value, width]) => String(value).padStart(Number(width))).join(' ');
  }

  /**
   * Sentences for the promises that were broken; empty when all held.
   * @param {readonly import('./phone.mjs').Phone[]} phones
   * @returns {string[]}
   */
  broken(phones) {
    const { gaps, doubles, waiting } = this.#of(phones);
    return [
      ...(gaps > 0 ? [`${gaps} gaps in the streams`] : []),
      ...(doubles > 0 ? [`${doubles} answers to taps that had theirs`] : []),
      ...(waiting > 0 ? [`${waiting} taps without an answer`] : []),
    ];
  }

  /**
   * The final report.
   * @param {readonly import('./phone.mjs').Phone[]} phones
   */
  report(phones) {
    const { open, waiting, cut, doubles, gaps, lost, frames, bytes } = this.#of(phones);
    const { allocated = 0, ...refused } = this.outcomes;
    const codes = Object.entries(refused).map(([code, times]) => printable(`${times} × ${code}`));
    const latency = [0.5, 0.95, 0.99].map((share) => milliseconds(percentile(this.ms, share)));
    return [
      `${this.ms.length} answers: ${allocated} allocated, ${codes.join(', ') || 'none refused'}; ${doubles} answered twice; ${waiting} taps without an answer${cut > 0 ? `, and ${cut} that the end of the show or of a session cut off` : ''}`,
      `${lost} ops that another write has erased; ${gaps} gaps in ${frames} frames; ${this.reconnects} reconnects; ${open} of ${phones.length} phones connected at the end`,
      `${(bytes / phones.length / 1_000).toFixed(1)} kB received by a phone`,
      `from tap to answer: p50 ${latency[0]} ms, p95 ${latency[1]} ms, p99 ${latency[2]} ms`,
      ...histogram(this.ms),
    ].join('\n');
  }
}

/**
 * True when the phone's socket was closed for good: its open ops will not be answered, and that breaks no promise.
 * @param {import('./phone.mjs').Phone} phone
 */
export function isOver(phone) {
  return !phone.open && FINAL_CLOSES.has(phone.closedWith);
}

/**
 * Adds one to a count.
 * @param {Record<string, number>} counts
 * @param {string} name
 */
export function count(counts, name) {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** @param {number[]} samples */
function histogram(samples) {
  const ends = [...BARS_MS, Infinity];
  const counts = ends.map((end, index) => {
    const start = ends[index - 1] ?? 0;
    return samples.filter((ms) => ms > start && ms <= end).length;
  });
  const most = Math.max(1, ...counts);
  return ends.map((end, index) => {
    const times = counts[index] ?? 0;
    const name = end === Infinity ? `> ${BARS_MS.at(-1)} ms` : `≤ ${end} ms`;
    return `${name.padStart(10)} ${'█'.repeat(Math.round((times / most) * BAR_WIDTH)).padEnd(BAR_WIDTH)} ${times}`;
  });
}

/** @param {number} ms */
function milliseconds(ms) {
  return Number.isNaN(ms) ? '–' : ms.toFixed(ms < 10 ? 1 : 0);
}
