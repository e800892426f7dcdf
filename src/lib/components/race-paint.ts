/** What the race chart paints by hand: the capacity, the cuts in the axis, and labels at the ends of the lines. */
import type { LaneId } from '#lib/domain/lane.ts';
import { count, pause } from './format.ts';
import type { Palette } from './palette.ts';

/** The curves of one chart; `xs` in seconds, values in units. */
export interface RaceData {
  lanes: readonly LaneId[];
  xs: number[];
  curves: Record<LaneId, { acknowledged: number[]; stored: number[] }>;
  /** Pauses that were cut out of the axis. */
  cuts: { x: number; pausedMs: number }[];
}

/** How to paint, in canvas pixels. */
export interface RaceStyle {
  palette: Palette;
  /** Size of every text, pixels. */
  textPx: number;
  textFamily: string;
  numberFamily: string;
}

/** Where things are, in canvas pixels. */
export interface RaceFrame {
  context: CanvasRenderingContext2D;
  left: number;
  top: number;
  width: number;
  height: number;
  x: (seconds: number) => number;
  y: (units: number) => number;
}

interface EndLabel {
  text: string;
  colour: string;
  weight: number;
  /** Where the line ends, and where there is room for its label. */
  y: number;
  placed: number;
}

/** The one line that nobody may cross. */
export function paintCapacity(frame: RaceFrame, style: RaceStyle, capacity: number): void {
  const { context } = frame;
  const y = Math.round(frame.y(capacity));
  context.save();
  context.strokeStyle = style.palette.capacity;
  context.lineWidth = style.textPx / 10;
  context.setLineDash([style.textPx / 2, style.textPx / 2.8]);
  context.beginPath();
  context.moveTo(frame.left, y);
  context.lineTo(frame.left + frame.width, y);
  context.stroke();
  context.restore();
}

/** How many exist, above that line. */
export function paintCapacityLabel(frame: RaceFrame, style: RaceStyle, capacity: number): void {
  const { context } = frame;
  const y = Math.round(frame.y(capacity));
  context.save();
  context.font = `700 ${style.textPx}px ${style.textFamily}`;
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  const words = `${count(capacity)} ${capacity === 1 ? 'exists' : 'exist'}`;
  const at = [frame.left + style.textPx * 0.5, y - style.textPx * 0.45] as const;
  // A halo keeps the words readable where a line crosses them.
  context.lineJoin = 'round';
  context.lineWidth = style.textPx / 3;
  context.strokeStyle = style.palette.surface;
  context.strokeText(words, ...at);
  context.fillStyle = style.palette.ink;
  context.fillText(words, ...at);
  context.restore();
}

/** Marks where the axis leaves a pause out; the lengths are written while there is room for them. */
export function paintCuts(frame: RaceFrame, style: RaceStyle, cuts: RaceData['cuts']): void {
  const { context } = frame;
  context.save();
  context.strokeStyle = style.palette['ink-quiet'];
  context.fillStyle = style.palette['ink-quiet'];
  context.lineWidth = style.textPx / 14;
  context.setLineDash([style.textPx / 14, style.textPx / 5]);
  context.font = `400 ${style.textPx}px ${style.textFamily}`;
  context.textAlign = 'left';
  context.textBaseline = 'top';
  const roomy = cuts.length <= 3;
  for (const cut of cuts) {
    const x = Math.round(frame.x(cut.x));
    context.beginPath();
    context.moveTo(x, frame.top);
    context.lineTo(x, frame.top + frame.height);
    context.stroke();
    if (roomy) paintPause(frame, style, x, `pause ${pause(cut.pausedMs)}`);
  }
  context.restore();
}

/** Right of its line, or left of it where it would run into the names at the lines' ends. */
function paintPause(
  { context, left, width, top }: RaceFrame,
  style: RaceStyle,
  x: number,
  words: string,
): void {
  const gap = style.textPx * 0.35;
  const fits = x + gap + context.measureText(words).width <= left + width;
  context.textAlign = fits ? 'left' : 'right';
  const at = [fits ? x + gap : x - gap, top] as const;
  context.save();
  context.setLineDash([]);
  context.lineWidth = style.textPx / 4;
  context.strokeStyle = style.palette.surface;
  context.strokeText(words, ...at);
  context.restore();
  context.fillText(words, ...at);
}

/** Names each line where it ends, pushed apart so that no two names overlap. */
export function paintEndLabels(frame: RaceFrame, style: RaceStyle, data: RaceData): void {
  const { context } = frame;
  const labels = placeLabels(endLabels(frame, style, data), frame, style.textPx * 1.2);
  const from = frame.left + frame.width;
  context.save();
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  for (const label of labels) {
    const x = from + style.textPx * 0.9;
    context.strokeStyle = label.colour;
    context.lineWidth = style.textPx / 14;
    context.beginPath();
    context.moveTo(from + style.textPx * 0.2, label.y);
    context.lineTo(x - style.textPx * 0.2, label.placed);
    context.stroke();
    context.font = `${label.weight} ${style.textPx}px ${style.textFamily}`;
    context.fillStyle = label.colour;
    context.fillText(label.text, x, label.placed);
  }
  context.restore();
}

/** What the chart shows, in a sentence. */
export function raceSummary(data: RaceData, capacity: number): string {
  const lanes = data.lanes.map((lane) => {
    const { acknowledged, stored } = lastOf(data, lane);
    const over = acknowledged > capacity ? `, ${count(acknowledged - capacity)} more than exist` : '';
    return `${lane} lane: ${count(acknowledged)} sold of ${count(capacity)}${over}; its counter says ${count(stored)}`;
  });
  return `${lanes.join('. ')}.`;
}

function endLabels(frame: RaceFrame, style: RaceStyle, data: RaceData): EndLabel[] {
  const split = data.lanes.length > 1;
  return data.lanes.flatMap((lane) => {
    const { acknowledged, stored } = lastOf(data, lane);
    const colour = style.palette[lane];
    const told = `${split ? `${lane}: ` : ''}${count(acknowledged)} sold`;
    const at = (text: string, value: number, weight: number): EndLabel => {
      const y = frame.y(value);
      return { text, colour, weight, y, placed: y };
    };
    if (acknowledged === 0) return [];
    if (stored === acknowledged) return [at(told, acknowledged, 700)];
    return [at(told, acknowledged, 700), at(`counter says ${count(stored)}`, stored, 400)];
  });
}

/** Pushes labels apart from top to bottom, then back up from the frame's foot. */
function placeLabels(labels: EndLabel[], frame: RaceFrame, spacing: number): EndLabel[] {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  let from = frame.top;
  for (const label of sorted) {
    label.placed = Math.max(label.y, from);
    from = label.placed + spacing;
  }
  let to = frame.top + frame.height;
  for (const label of sorted.reverse()) {
    label.placed = Math.min(label.placed, to);
    to = label.placed - spacing;
  }
  return sorted;
}

function lastOf(data: RaceData, lane: LaneId): { acknowledged: number; stored: number } {
  const { acknowledged, stored } = data.curves[lane];
  return { acknowledged: acknowledged.at(-1) ?? 0, stored: stored.at(-1) ?? 0 };
}
