/** The table that a benchmark prints. */
import type { Figure } from './figures.ts';
import type { Machine } from './machine.ts';

/** Figures, one block each measure: ours with its spread, what is beside it, the ratio, and the target's verdict. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => ({
    what: figure.what,
    ours: withUnit(figure.ours, figure.unit),
    spread: range(figure.spread),
    beside: figure.beside ? `${figure.beside.what} ${withUnit(figure.beside.value, figure.unit)}` : '',
    ratio: figure.ratio ? `${figure.ratio.value.toFixed(2)}× ${range(figure.ratio.spread)}` : '',
    target: figure.target ? `${figure.target} ${figure.met ? 'met' : 'MISSED'}` : '',
    note: figure.note ?? '',
  }));
  const columns = ['what', 'ours', 'spread', 'beside', 'ratio', 'target'] as const;
  const titles = {
    what: '',
    ours: 'ours',
    spread: 'spread',
    beside: 'beside',
    ratio: 'ratio',
    target: 'target',
    note: '',
  };
  const widths = columns.map((column) => Math.max(...[titles, ...rows].map((row) => row[column].length)));
  const line = (row: Record<(typeof columns)[number], string>) =>
    columns
      .map((column, index) => row[column].padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [titles, ...rows]
    .flatMap((row) => (row.note !== '' ? [line(row), `    ${row.note}`] : [line(row)]))
    .join('\n');
}

/** One line about the machine. */
export function machineLine({
  cpu,
  cores,
  memoryGb,
  node,
  versions,
  commit,
  changed,
  loadBefore,
}: Machine): string {
  const sources = commit === null ? 'no commit' : `${commit.slice(0, 8)}${changed ? ' and changes' : ''}`;
  return `${cores} × ${cpu}, ${memoryGb} GB, load ${loadBefore} before · Node ${node}, wrangler ${versions['wrangler'] ?? '?'}, workerd ${versions['workerd'] ?? '?'} · ${sources}`;
}

function withUnit(value: number, unit: string): string {
  const number = short(value);
  if (unit === '') return number;
  return unit.startsWith('/') ? `${number}${unit}` : `${number} ${unit}`;
}

function range([least, most]: [number, number]): string {
  return least === most ? '' : `(${short(least)}–${short(most)})`;
}

function short(value: number): string {
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toPrecision(3);
}
