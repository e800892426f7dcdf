/** What a measure is given, and what it is. */
import type { Site } from '../../scripts/crowd/site.mjs';
import type { Figure } from './figures.ts';
import type { BenchOptions } from './options.ts';
import type { Table } from './table.ts';

/** Both hosts, and how much is to be measured. */
export interface Bench {
  ours: Site;
  bare: Site;
  /** Opens shows on ours. */
  debugToken: string;
  /** Process groups of the hosts. */
  groups: { ours: number; bare: number };
  options: BenchOptions;
  /** Tells on the terminal what is under way. */
  say: (line: string) => void;
  /** Adds a table to the results, for what is a curve and not a figure. */
  table: (table: Table) => void;
}

/** One measure. Runs in the load process, against hosts that run already. */
export interface Measure {
  name: string;
  /** True when what ran before on the same hosts would falsify it: it then runs once a round, each time on new hosts. */
  fresh: boolean;
  /** True when it needs more phones or time than the short form has. */
  longOnly?: true;
  run: (bench: Bench) => Promise<Figure[]>;
}
