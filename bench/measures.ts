/**
 * Every measure of the benchmark, in the order in which they run. Measures that need fresh hosts come first and in the
 * middle, because an address may open ten shows a minute and new hosts count anew. Measures of a single tap come before
 * those that load one side only.
 */
import type { Measure } from './lib/bench.ts';
import { connect, resume } from './measures/connect.ts';
import { cost, curve } from './measures/cost.ts';
import { engines } from './measures/engines.ts';
import { eventual } from './measures/eventual.ts';
import { fanOut, sends } from './measures/fan-out.ts';
import { fullHouse, soldOut } from './measures/full-house.ts';
import { idle, wake } from './measures/idle.ts';
import { exported, memory, sipped } from './measures/memory.ts';
import { overload } from './measures/overload.ts';
import { pages } from './measures/pages.ts';
import { phones, seen } from './measures/seen.ts';
import { stage } from './measures/stage.ts';
import { chain, loaded, throughput } from './measures/throughput.ts';

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
  engines,
  overload,
  cost,
  curve,
  fullHouse,
];
