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
