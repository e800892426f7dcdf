/**
 * Layout of a drill's picture: a row for each connection, the first that is back on top, and time since the cut to the right.
 * Each row has two stretches, until the first retry and from there until the room had greeted the client, so that neither hides
 * in the other.
 */
import type { DrillKind, Recovery } from '#lib/domain/events.ts';
import { awayMs, PROMISED_MS } from '#lib/domain/recovery.ts';

/** Shortest axis, milliseconds, so that there is space beyond the promised second. */
const LEAST_MS = 1_500;
/** Room beyond the farthest dot. */
const AIR = 1.06;
/** Distances between marks, seconds; no axis has more marks than {@link MOST_MARKS}. */
const STEPS = [0.5, 1, 2, 5, 10, 30, 60, 120, 300];
const MOST_MARKS = 6;
/** Rows of few clients stay together in the middle, ems; a dot fills most of its row, between these radii, ems. */
const WIDEST_ROW = 4.5;
const DOT = { ofRow: 0.62, least: 0.16, most: 0.45 };

/** Pixels of the area that holds the rows, and of an em of the text beside them. */
export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
  em: number;
}

/** One client's way back, in pixels. */
export interface RecoveryRow {
  y: number;
  /** Where it first tried again, and where it was greeted. */
  retryX: number;
  backX: number;
  mark: Mark;
}

/** The picture, in pixels. */
export interface RecoveryLayout {
  rows: readonly RecoveryRow[];
  /** Pixels from milliseconds since the cut. */
  x: (ms: number) => number;
  /** Marks of the axis, milliseconds. */
  marks: readonly number[];
  /** Radius of a dot; of many, they may overlap. */
  r: number;
  /** Widths of the two stretches: no row covers the next one. */
  waitWidth: number;
  wayWidth: number;
}

/** The kind of a client's dot: within the promise, later, or with missing events. */
export type Mark = (typeof MARKS)[number];
/** All of them, the worst drawn last. */
export const MARKS = ['kept', 'late', 'missing'] as const;

/** The kinds of dots, the worst first. */
export function markOf(kind: DrillKind, client: Recovery): Mark {
  if (client.missing > 0) return 'missing';
  return awayMs(kind, client) > PROMISED_MS ? 'late' : 'kept';
}

/** A layout with a row for each of `sockets`, reported or not: so that no row moves far when the next report comes. */
export function recoveryLayout(
  kind: DrillKind,
  clients: readonly Recovery[],
  sockets: number,
  { left, top, width, height, em }: Area,
): RecoveryLayout {
  const away = (client: Recovery) => awayMs(kind, client);
  const mostMs = clients.reduce((most, client) => Math.max(most, away(client) * AIR), LEAST_MS);
  const x = (ms: number) => left + (ms / mostMs) * width;
  const count = kind === 'sleep' ? 1 : Math.max(1, sockets, clients.length);
  const pitch = Math.min(height / count, WIDEST_ROW * em);
  const rows = [...clients]
    .sort((a, b) => away(a) - away(b))
    .map((client, place): RecoveryRow => ({
      y: (height - count * pitch) / 2 + top + (place + 0.5) * pitch,
      // A sleep cuts nobody: its silence comes before the question, and is not drawn.
      retryX: x(kind === 'sleep' ? 0 : client.waitedMs),
      backX: x(away(client)),
      mark: markOf(kind, client),
    }));
  const r = Math.min(DOT.most * em, Math.max(DOT.least * em, DOT.ofRow * pitch));
  const waitWidth = Math.min(0.12 * em, 0.35 * pitch);
  return { rows, x, marks: marks(mostMs), r, waitWidth, wayWidth: Math.min(0.3 * em, 0.75 * pitch) };
}

/** The stretches of all rows until their first retry, as one path. */
export function waitsPath({ rows, x }: RecoveryLayout): string {
  return rows.map(({ y, retryX }) => `M${px(x(0))} ${px(y)}H${px(retryX)}`).join('');
}

/** The stretches of a kind from the first retry on, as one path. */
export function waysPath({ rows }: RecoveryLayout, mark: Mark): string {
  return of(rows, mark, ({ y, retryX, backX }) => `M${px(retryX)} ${px(y)}H${px(backX)}`);
}

/** The dots of a kind as one path, so that a thousand clients are three shapes. */
export function dotsPath({ rows, r }: RecoveryLayout, mark: Mark): string {
  return of(rows, mark, ({ y, backX }) => SHAPES[mark](backX, y, r));
}

function of(rows: readonly RecoveryRow[], mark: Mark, path: (row: RecoveryRow) => string): string {
  return rows
    .filter((row) => row.mark === mark)
    .map(path)
    .join('');
}

const circle = (x: number, y: number, r: number) =>
  `M${px(x - r)} ${px(y)}a${px(r)} ${px(r)} 0 1 0 ${px(2 * r)} 0a${px(r)} ${px(r)} 0 1 0 ${px(-2 * r)} 0z`;
const SHAPES: Record<Mark, (x: number, y: number, r: number) => string> = {
  kept: circle,
  late: circle,
  missing: (x, y, r) => `M${px(x - r)} ${px(y - r)}h${px(2 * r)}v${px(2 * r)}h${px(-2 * r)}z`,
};

function marks(mostMs: number): number[] {
  const step = 1_000 * (STEPS.find((seconds) => mostMs / 1_000 / seconds <= MOST_MARKS) ?? 600);
  return Array.from({ length: Math.floor(mostMs / step) + 1 }, (_, place) => place * step);
}

function px(value: number): string {
  return value.toFixed(1);
}
