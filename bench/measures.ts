/**
 * Every measure of the benchmark, in the order in which they run. Measures that need fresh hosts come first and in the
 * middle, because an address may open ten shows a minute and new hosts count anew. Measures of a single tap come before
 * those that load one side only.
 */
import type { Measure } from './lib/bench.ts';
import { chain } from './measures/chain.ts';
import { connect } from './measures/connect.ts';
import { cost } from './measures/cost.ts';
import { curve } from './measures/curve.ts';
import { eventual } from './measures/eventual.ts';
import { exported, sipped } from './measures/export.ts';
import { fanOut } from './measures/fan-out.ts';
import { fullHouse } from './measures/full-house.ts';
import { idle } from './measures/idle.ts';
import { loaded } from './measures/loaded.ts';
import { memory } from './measures/memory.ts';
import { overload } from './measures/overload.ts';
import { pages } from './measures/pages.ts';
import { phones } from './measures/phones.ts';
import { resume } from './measures/resume.ts';
import { seen } from './measures/seen.ts';
import { sends } from './measures/sends.ts';
import { soldOut } from './measures/sold-out.ts';
import { stage } from './measures/stage.ts';
import { throughput } from './measures/throughput.ts';
import { wake } from './measures/wake.ts';

export const MEASURES: readonly Measure[] = [
  memory,
  idle,
  wake,
  throughput,
  chain,
  loaded,
  phones,
  soldOut,
  pages,
  stage,
  exported,
  sipped,
  seen,
  fanOut,
  sends,
  connect,
  resume,
  eventual,
  overload,
  cost,
  curve,
  fullHouse,
];
