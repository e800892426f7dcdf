/**
 * What the race chart paints by hand: the capacity, the cuts in the axis, and the names at the ends of several lanes' lines.
 * The words on the lines of one lane stand in race-labels.ts.
 */
import { ofLane } from '#lib/domain/lane.ts';
import type { ByLane, LaneId } from '#lib/domain/lane.ts';
import { LANES, PAIR } from '#lib/domain/lanes.ts';
import { phrase } from '#lib/language/phrase.ts';
import { count, pause } from './format.ts';
import type { Palette } from './palette.ts';
import { laneWords } from './strategy-words.ts';

/** The curves of one chart; `xs` in seconds, values in units; `turnedAway` counts refused ops, where it is known. */
export interface RaceData {
  lanes: readonly LaneId[];
  xs: number[];
  curves: ByLane<{ acknowledged: number[]; stored: number[]; turnedAway?: number[] }>;
  /** Pauses that were cut out of the axis. */
  cuts: { x: number; pausedMs: number }[];
}

/** How to paint, in canvas pixels. */
export interface RaceStyle {
  palette: Palette;
  /** Size of axes and names, and of the words on the lines, pixels. */
  textPx: number;
  labelPx: number;
  textFamily: string;
  /** Bold, with a zero that is not struck. */
  figureFamily: string;
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

/**
 * Marks where the axis leaves a pause out; the lengths are written while there is room for them, beside one another and beside
 * the places that are taken.
 */
export function paintCuts(
  frame: RaceFrame,
  style: RaceStyle,
  cuts: RaceData['cuts'],
  others: readonly Box[],
): void {
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
  const taken = [...others];
  for (const cut of cuts) {
    const x = Math.round(frame.x(cut.x));
    context.beginPath();
    context.moveTo(x, frame.top);
    context.lineTo(x, frame.top + frame.height);
    context.stroke();
    if (roomy) paintPause(frame, style, x, `pause ${pause(cut.pausedMs)}`, taken);
  }
  context.restore();
}

/** A place that words take, in canvas pixels. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * Right of its line, or left of it where it would run into the names at the lines' ends; a line of text further down where
 * other words stand, and not at all where none is free.
 */
function paintPause(
  { context, left, width, top, height }: RaceFrame,
  style: RaceStyle,
  x: number,
  words: string,
  taken: Box[],
): void {
  const gap = style.textPx * 0.35;
  const wide = context.measureText(words).width;
  const fits = x + gap + wide <= left + width;
  const from = fits ? x + gap : x - gap - wide;
  const line = style.textPx * 1.2;
  const boxes = [0, 1, 2, 3].map((row) => {
    const above = top + row * line;
    return { left: from, right: from + wide, top: above, bottom: above + line };
  });
  const free = boxes.find((box) => box.bottom <= top + height && !taken.some((other) => meets(box, other)));
  if (!free) return;
  taken.push(free);
  context.textAlign = 'left';
  const at = [free.left, free.top] as const;
  context.save();
  context.setLineDash([]);
  context.lineWidth = style.textPx / 4;
  context.strokeStyle = style.palette.surface;
  context.strokeText(words, ...at);
  context.restore();
  context.fillText(words, ...at);
}

/** True when two places overlap. */
export function meets(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

/** Names each line of several lanes where it ends, pushed apart so that no two names overlap. */
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

/** Room that the names at the lines' ends need, in canvas pixels. */
export function endLabelWidth(context: CanvasRenderingContext2D, style: RaceStyle, data: RaceData): number {
  context.save();
  const widths = endTexts(data).map(({ text, weight }) => {
    context.font = `${weight} ${style.textPx}px ${style.textFamily}`;
    return context.measureText(text).width;
  });
  context.restore();
  // The stroke that leads to them, and a hair's breadth behind.
  return Math.max(0, ...widths) + style.textPx * 1.1;
}

/** What the chart shows, in a sentence. */
export function raceSummary(data: RaceData, capacity: number): string {
  const lanes = data.lanes.map((lane) => {
    const { acknowledged, stored } = lastOf(data, lane);
    const over = acknowledged > capacity ? phrase(`, ${count(acknowledged - capacity)} more than exist`) : '';
    return phrase(
      `${laneWords(lane)}: ${count(acknowledged)} sold of ${count(capacity)}${over}; its counter says ${count(stored)}`,
    );
  });
  return `${lanes.join('. ')}.`;
}

function endLabels(frame: RaceFrame, style: RaceStyle, data: RaceData): EndLabel[] {
  return endTexts(data).map(({ text, weight, lane, value }) => {
    const y = frame.y(value);
    return { text, colour: style.palette[LANES[lane].colour], weight, y, placed: y };
  });
}

/** What stands at the lines' ends, and at which value. */
function endTexts(data: RaceData): { text: string; weight: number; lane: LaneId; value: number }[] {
  return data.lanes.flatMap((lane) => {
    const { acknowledged, stored } = lastOf(data, lane);
    if (acknowledged === 0) return [];
    const name = PAIR.includes(lane) ? lane : laneWords(lane);
    const sold = { text: `${name}: ${phrase(`${count(acknowledged)} sold`)}`, weight: 700 };
    const counter = { text: phrase(`counter says ${count(stored)}`), weight: 400, lane, value: stored };
    return [{ ...sold, lane, value: acknowledged }, ...(stored === acknowledged ? [] : [counter])];
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

/** How a lane stands at the end of its lines, in units. */
export function lastOf(data: RaceData, lane: LaneId): { acknowledged: number; stored: number } {
  const { acknowledged, stored } = ofLane(data.curves, lane);
  return { acknowledged: acknowledged.at(-1) ?? 0, stored: stored.at(-1) ?? 0 };
}
