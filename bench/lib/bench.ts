/** The interface between the benchmark and its measures. */
import type { Site } from '../../scripts/crowd/site.mjs';
import type { Figure } from './figures.ts';
import type { BenchOptions } from './options.ts';
import type { Table } from './table.ts';

/** What a measure is given: both hosts, the options, and how to report. */
export interface Bench {
  ours: Site;
  bare: Site;
  /** The DEBUG_TOKEN of ours, which opens shows. */
  debugToken: string;
  /** Leaders of the hosts' process groups. */
  groups: { ours: number; bare: number };
  options: BenchOptions;
  /** Prints a line about the progress. */
  say: (line: string) => void;
  /** Adds a table to the results, for measures whose result is a curve. */
  table: (table: Table) => void;
}

/** One measure. It runs in the load process, against hosts that are up. */
export interface Measure {
  name: string;
  /** True when earlier load on the same hosts would distort it: it then runs one round at a time, each on new hosts. */
  fresh: boolean;
  /** True when `--short` has too few phones or too little time for it. */
  longOnly?: true;
  run: (bench: Bench) => Promise<Figure[]>;
}

/**
 * Measures as many rounds as were asked for, and tells of each. `warmsUp`: one more stands before them, which warms both
 * runtimes up and is not counted; the short form does without.
 */
export async function inRounds<R>(
  { options, say }: Pick<Bench, 'options' | 'say'>,
  name: string,
  measure: (round: number) => Promise<R>,
  { warmsUp = false, told = () => '' }: { warmsUp?: boolean; told?: (made: R) => string } = {},
): Promise<R[]> {
  const rounds: R[] = [];
  for (let round = warmsUp && !options.short ? 0 : 1; round <= options.rounds; round += 1) {
    const made = await measure(round);
    say(`${name}: round ${round} of ${options.rounds}${told(made)}`);
    if (round > 0) rounds.push(made);
  }
  return rounds;
}
