/** What each lane of a show answered: a tap that goes to several lanes has an answer of each, and each in its own time. */
import { percentile } from '#lib/domain/percentile.ts';
import { printable } from '../lib/printable.mjs';
import { count, milliseconds } from './figures.ts';
import type { Answer } from './phone.ts';

/** One lane. */
interface Lane {
  /** Number of answers by outcome. */
  outcomes: Record<string, number>;
  /** From tap to allocation, milliseconds. */
  ms: number[];
}

/** Counts answers by lane. */
export class LaneTally {
  readonly #lanes = new Map<string, Lane>();
  /** Of taps that some lane has not answered yet: the lanes that have. */
  readonly #told = new Map<string, Set<string>>();

  /** Takes an answer, complete or not: each says again what was known before. */
  take({ op, outcome, said, ms }: Pick<Answer, 'op' | 'outcome' | 'said' | 'ms'>): void {
    const told = this.#told.get(op) ?? new Set<string>();
    for (const [id, result] of Object.entries(said)) {
      if (result === 'pending' || told.has(id)) continue;
      told.add(id);
      const lane = this.#lanes.get(id) ?? { outcomes: {}, ms: [] };
      this.#lanes.set(id, lane);
      count(lane.outcomes, result);
      if (result === 'allocated') lane.ms.push(ms);
    }
    if (outcome === 'pending') this.#told.set(op, told);
    else this.#told.delete(op);
  }

  /** A line for each lane that has answered, under its titles; none where no lane has. */
  report(): string[] {
    if (this.#lanes.size === 0) return [];
    const wide = Math.max(...[...this.#lanes.keys()].map((id) => id.length));
    const titles = `${'lane'.padEnd(wide)}  allocated   refused   p50 ms   p95 ms`;
    const lines = [...this.#lanes].map(([id, { outcomes, ms }]) => {
      const { allocated = 0, ...refused } = outcomes;
      const codes = Object.entries(refused).map(([code, times]) => `${times} × ${code}`);
      const sum = Object.values(refused).reduce((total, times) => total + times, 0);
      const figures = [
        String(allocated).padStart(9),
        String(sum).padStart(9),
        milliseconds(percentile(ms, 0.5)).padStart(8),
        milliseconds(percentile(ms, 0.95)).padStart(8),
      ];
      return printable(`${id.padEnd(wide)}  ${figures.join(' ')}   ${codes.join(', ')}`.trimEnd());
    });
    return [titles, ...lines];
  }
}
