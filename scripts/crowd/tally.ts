/** Counts what a crowd was answered, and prints it. */
import { percentile } from '#lib/domain/percentile.ts';
import { printable } from '../lib/printable.mjs';
import { count, milliseconds } from './figures.ts';
import { sum } from './hammering.ts';
import { LaneTally } from './lane-tally.ts';
import type { Answer, Phone } from './phone.ts';

/** Upper ends of the latency histogram's bars, milliseconds; the last bar holds the rest. */
const BARS_MS = [5, 10, 20, 50, 100, 150, 250, 500, 1_000, 2_500, Infinity];
const BAR_WIDTH = 40;
/** Close codes after which reconnecting cannot help (docs/api.md). */
export const FINAL_CLOSES = new Set([4401, 4403, 4404, 4410]);

/** Counters of a crowd, its live table and its report. */
export class Tally {
  /** Number of answers by outcome: `allocated`, or the code of a refusal. */
  readonly outcomes: Record<string, number> = {};
  /** From tap to answer, milliseconds. */
  readonly ms: number[] = [];
  reconnects = 0;
  readonly #lanes = new LaneTally();
  #newest = 0;
  readonly #phones: readonly Phone[];

  constructor(phones: readonly Phone[]) {
    this.#phones = phones;
  }

  take(answer: Answer): void {
    const { outcome, ms } = answer;
    this.#lanes.take(answer);
    if (outcome === 'pending') return;
    count(this.outcomes, outcome);
    this.ms.push(ms);
  }

  #total(of: 'doubles' | 'gaps' | 'lost' | 'frames' | 'bytes' | 'open'): number {
    return sum(this.#phones, (phone) => Number(phone[of]));
  }

  /** Open taps of the phones that are, or are not, closed for good. */
  #waiting(over: boolean): number {
    return sum(this.#phones, (phone) => (isOver(phone) === over ? phone.waiting.size : 0));
  }

  /** Titles of {@link Tally.line}. */
  static readonly titles =
    '    s   phones  answers  allocated   refused      lost   gaps  reconn   p50 ms   p95 ms  (of the last second)';

  /** One line of the live table; latency since the line before. */
  line(seconds: number): string {
    const fresh = this.ms.slice(this.#newest);
    this.#newest = this.ms.length;
    const allocated = this.outcomes['allocated'] ?? 0;
    const columns: [value: number | string, width: number][] = [
      [seconds.toFixed(0), 5],
      [this.#total('open'), 8],
      [this.ms.length, 8],
      [allocated, 10],
      [this.ms.length - allocated, 9],
      [this.#total('lost'), 9],
      [this.#total('gaps'), 6],
      [this.reconnects, 7],
      [milliseconds(percentile(fresh, 0.5)), 8],
      [milliseconds(percentile(fresh, 0.95)), 8],
    ];
    return columns.map(([value, width]) => String(value).padStart(width)).join(' ');
  }

  /** Sentences for the promises that were broken; empty when all held. */
  broken(): string[] {
    const counts = {
      'gaps in the streams': this.#total('gaps'),
      'answers to taps that had theirs': this.#total('doubles'),
      'taps without an answer': this.#waiting(false),
    };
    return Object.entries(counts).flatMap(([what, times]) => (times > 0 ? [`${times} ${what}`] : []));
  }

  /** The final report. */
  report(): string {
    const { allocated = 0, ...refused } = this.outcomes;
    const codes = Object.entries(refused).map(([code, times]) => printable(`${times} × ${code}`));
    const cut = this.#waiting(true);
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => milliseconds(percentile(this.ms, share)));
    return [
      `${this.ms.length} answers: ${allocated} allocated, ${codes.join(', ') || 'none refused'}; ${this.#total('doubles')} answered twice; ${this.#waiting(false)} taps without an answer${cut > 0 ? `, and ${cut} that the end of the show or of a session cut off` : ''}`,
      `${this.#total('lost')} ops that another write has erased; ${this.#total('gaps')} gaps in ${this.#total('frames')} frames; ${this.reconnects} reconnects; ${this.#total('open')} of ${this.#phones.length} phones connected at the end`,
      `${(this.#total('bytes') / this.#phones.length / 1_000).toFixed(1)} kB received by a phone`,
      ...this.#lanes.report(),
      `from tap to answer: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`,
      ...histogram(this.ms),
    ].join('\n');
  }
}

/** True when the phone's socket was closed for good: its open ops will not be answered, and that breaks no promise. */
export function isOver(phone: Phone): boolean {
  return !phone.open && FINAL_CLOSES.has(phone.closedWith);
}

function histogram(samples: readonly number[]): string[] {
  const counts = BARS_MS.map(() => 0);
  for (const ms of samples) {
    const bar = BARS_MS.findIndex((end) => ms <= end);
    counts[bar] = (counts[bar] ?? 0) + 1;
  }
  const most = Math.max(1, ...counts);
  return counts.map((times, bar) => {
    const name = bar === BARS_MS.length - 1 ? `> ${BARS_MS.at(-2)} ms` : `≤ ${BARS_MS[bar]} ms`;
    return `${name.padStart(10)} ${'█'.repeat(Math.round((times / most) * BAR_WIDTH)).padEnd(BAR_WIDTH)} ${times}`;
  });
}
