/** Scales of a drill's picture: time from the cut to the first retry across, to the welcome upwards. */
import type { DrillKind, Recovery } from '#lib/domain/events.ts';
import { awayMs, PROMISED_MS } from '#lib/domain/recovery.ts';

/** Shortest axes, milliseconds, so that there is space beyond the promised second. */
const LEAST_X_MS = 1_000;
const LEAST_Y_MS = 1_250;
/** Room beyond the farthest dot. */
const AIR = 1.08;
/** Distances between marks, seconds; no axis has more marks than {@link MOST_MARKS}. */
const STEPS = [0.5, 1, 2, 5, 10, 30, 60, 120, 300];
const MOST_MARKS = 6;

/** Pixels of the area that holds the dots. */
export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Pixels from milliseconds. */
export interface RecoveryScale {
  x: (ms: number) => number;
  y: (ms: number) => number;
  /** Marks of each axis, milliseconds. */
  xMarks: readonly number[];
  yMarks: readonly number[];
}

/** A scale that has room for all of them. */
export function recoveryScale(
  kind: DrillKind,
  clients: readonly Recovery[],
  { left, top, width, height }: Area,
): RecoveryScale {
  const farthest = (of: (client: Recovery) => number, least: number) =>
    clients.reduce((most, client) => Math.max(most, of(client) * AIR), least);
  const xMost = kind === 'sleep' ? LEAST_X_MS : farthest(({ waitedMs }) => waitedMs, LEAST_X_MS);
  const yMost = farthest((client) => awayMs(kind, client), LEAST_Y_MS);
  return {
    x: (ms) => left + (ms / xMost) * width,
    y: (ms) => top + height - (ms / yMost) * height,
    xMarks: marks(xMost),
    yMarks: marks(yMost),
  };
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

/** One path for all clients of a kind, so that a thousand clients are three shapes. `r` in pixels. */
export function marksPath(
  kind: DrillKind,
  clients: readonly Recovery[],
  { x, y }: Pick<RecoveryScale, 'x' | 'y'>,
  mark: Mark,
  r: number,
): string {
  return clients
    .filter((client) => markOf(kind, client) === mark)
    .map((client) => SHAPES[mark](x(client.waitedMs), y(awayMs(kind, client)), r))
    .join('');
}

const SHAPES: Record<Mark, (x: number, y: number, r: number) => string> = {
  kept: (x, y, r) =>
    `M${px(x - r)} ${px(y)}a${px(r)} ${px(r)} 0 1 0 ${px(2 * r)} 0a${px(r)} ${px(r)} 0 1 0 ${px(-2 * r)} 0z`,
  late: (x, y, r) =>
    `M${px(x - r)} ${px(y - r)}l${px(2 * r)} ${px(2 * r)}m0 ${px(-2 * r)}l${px(-2 * r)} ${px(2 * r)}`,
  missing: (x, y, r) => `M${px(x - r)} ${px(y - r)}h${px(2 * r)}v${px(2 * r)}h${px(-2 * r)}z`,
};

function marks(mostMs: number): number[] {
  const step = 1_000 * (STEPS.find((seconds) => mostMs / 1_000 / seconds <= MOST_MARKS) ?? 600);
  return Array.from({ length: Math.floor(mostMs / step) + 1 }, (_, place) => place * step);
}

function px(value: number): string {
  return value.toFixed(1);
}
