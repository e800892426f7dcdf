/** Every measure of the benchmark, in the order in which they run: what needs fresh hosts comes first. */
import type { Measure } from './lib/bench.ts';
import { eventual } from './measures/eventual.ts';
import { idle } from './measures/idle.ts';
import { memory } from './measures/memory.ts';
import { phones } from './measures/phones.ts';
import { resume } from './measures/resume.ts';
import { soldOut } from './measures/sold-out.ts';
import { throughput } from './measures/throughput.ts';
import { wake } from './measures/wake.ts';

export const MEASURES: readonly Measure[] = [
  memory,
  soldOut,
  idle,
  throughput,
  phones,
  eventual,
  resume,
  wake,
];
