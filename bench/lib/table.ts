/** The printed output of the benchmark. */
import * as v from 'valibot';
import { inColumns } from '../../scripts/lib/columns.mjs';
import type { Figure } from './figures.ts';
import { targetText } from './figures.ts';
import type { Machine } from './machine.ts';

/** A table of numbers, for measures whose result is a curve. */
export const table = v.object({
  title: v.string(),
  columns: v.array(v.string()),
  rows: v.array(v.array(v.string())),
});
/** Parsed {@link table}. */
export type Table = v.InferOutput<typeof table>;

const TITLES = ['', 'ours', 'spread', 'beside', 'ratio', 'target'];

/** Figures, one a line: ours with its spread, the comparison, the ratio, and whether the target is met. */
export function figuresText(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    withUnit(figure.ours, figure.unit),
    range(figure.spread),
    figure.beside ? `${figure.beside.what} ${withUnit(figure.beside.value, figure.unit)}` : '',
    figure.ratio ? `${figure.ratio.value.toFixed(2)}× ${range(figure.ratio.spread)}` : '',
    figure.target ? `${targetText(figure.target)} ${figure.met ? 'met' : 'MISSED'}` : '',
  ]);
  const [head = '', ...lines] = inColumns([TITLES, ...rows]);
  const withNotes = lines.flatMap((line, place) => {
    const note = figures[place]?.note ?? '';
    return note === '' ? [line] : [line, `    ${note}`];
  });
  return [head, ...withNotes].join('\n');
}

/** A table with its title. */
export function tableText({ title, columns, rows }: Table): string {
  return [title, ...inColumns([columns, ...rows]).map((line) => `  ${line}`)].join('\n');
}

/** One line about the machine. */
export function machineLine(machine: Machine): string {
  const { cpu, cores, memoryGb, node, versions, commit, changed, loadBefore } = machine;
  const sources = commit === null ? 'no commit' : `${commit.slice(0, 8)}${changed ? ' and changes' : ''}`;
  return `${cores} × ${cpu}, ${memoryGb} GB, load ${loadBefore} before · Node ${node}, wrangler ${versions['wrangler'] ?? '?'}, workerd ${versions['workerd'] ?? '?'} · ${sources}`;
}

/** A number with three significant digits, or all digits of a large or whole one. */
export function short(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toPrecision(3);
}

function withUnit(value: number, unit: string): string {
  const number = short(value);
  if (unit === '') return number;
  return unit.startsWith('/') ? `${number}${unit}` : `${number} ${unit}`;
}

function range([least, most]: [number, number]): string {
  return least === most || Number.isNaN(least) ? '' : `(${short(least)}–${short(most)})`;
}
