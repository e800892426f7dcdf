/** The card and the chart as PNG pictures, drawn from the page's data at twice the pixels. */
import { count } from '#lib/components/format.ts';
import { hatchTile, readPalette } from '#lib/components/palette.ts';
import type { Palette } from '#lib/components/palette.ts';
import { paintCapacity, paintCapacityLabel, paintCuts, paintEndLabels } from '#lib/components/race-paint.ts';
import type { RaceData, RaceFrame, RaceStyle } from '#lib/components/race-paint.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { LANES } from '#lib/domain/lanes.ts';
import type { Figure } from '#lib/summary/card.ts';

/** Canvas pixels per pixel of a picture, so that it is sharp on every screen. */
const SCALE = 2;
/** Sizes of the chart's picture, of the printed one, and of the card's columns, pixels. */
const CHART = { width: 1_200, height: 675, titles: 164, margin: 24 };
const PAPER = { width: 600, height: 360 };
const CARD = { width: 1_200, titles: 164, columns: 3, margin: 48, gap: 32, rowHeight: 196 };
/** Characters of a note in one line, and lines of it. */
const NOTE_LINES = 3;

/** Titles of a picture. */
export interface Titles {
  title: string;
  /** Names the show and its time, because a picture is seen without its page. */
  line: string;
  /** What SIMULATED shoppers did in it; empty where none did. */
  mark: string;
}

/** Colours and fonts, read from the page's styles. */
interface Look {
  palette: Palette;
  text: string;
  number: string;
}

/** The chart of an epoch; on paper, which has its own, without titles. `host` is an element of the page, for its colours and fonts. */
export function chartPicture(
  host: HTMLElement,
  titles: Titles | null,
  data: RaceData,
  capacity: number,
): HTMLCanvasElement {
  const look = lookOf(host);
  const { width, height } = titles ? CHART : PAPER;
  const above = titles ? CHART.titles : CHART.margin;
  const { canvas, context } = blank(look, width, height);
  if (titles) paintTitles(context, look, titles);
  const textPx = 20;
  const style: RaceStyle = {
    palette: look.palette,
    textPx,
    textFamily: look.text,
    numberFamily: look.number,
  };
  const highest = Math.max(
    0,
    ...data.lanes.map((lane) => ofLane(data.curves, lane).acknowledged.at(-1) ?? 0),
  );
  const top = Math.max(capacity * 1.16, highest * 1.06);
  const end = Math.max(1, data.xs.at(-1) ?? 0);
  const area = { left: 110, top: above, width: width - 110 - 250, height: height - above - 70 };
  const frame: RaceFrame = {
    context,
    ...area,
    x: (seconds) => area.left + (seconds / end) * area.width,
    y: (units) => area.top + area.height * (1 - units / top),
  };
  paintAxes(frame, style, top, end);
  paintCuts(frame, style, data.cuts, capacity);
  for (const lane of data.lanes) paintOversold(frame, style, data, lane, capacity);
  paintCapacity(frame, style, capacity);
  for (const lane of data.lanes) {
    const { acknowledged, stored } = ofLane(data.curves, lane);
    paintSteps(frame, style, data.xs, stored, lane, true);
    paintSteps(frame, style, data.xs, acknowledged, lane, false);
  }
  paintCapacityLabel(frame, style, capacity);
  paintEndLabels(frame, style, data);
  return canvas;
}

/** The card: every figure with its label and note. */
export function cardPicture(
  host: HTMLElement,
  titles: Titles,
  figures: readonly Figure[],
): HTMLCanvasElement {
  const look = lookOf(host);
  const rows = Math.ceil(figures.length / CARD.columns);
  const { canvas, context } = blank(look, CARD.width, CARD.titles + 10 + rows * CARD.rowHeight + 24);
  paintTitles(context, look, titles);
  const width = (CARD.width - 2 * CARD.margin - (CARD.columns - 1) * CARD.gap) / CARD.columns;
  for (const [place, figure] of figures.entries()) {
    const x = CARD.margin + (place % CARD.columns) * (width + CARD.gap);
    const y = CARD.titles + Math.floor(place / CARD.columns) * CARD.rowHeight;
    paintFigure(context, look, figure, x, y, width);
  }
  return canvas;
}

function lookOf(host: HTMLElement): Look {
  const styles = getComputedStyle(host);
  return {
    palette: readPalette(host),
    text: styles.fontFamily,
    number: styles.getPropertyValue('--font-number') || 'monospace',
  };
}

function blank({ palette }: Look, width: number, height: number) {
  const canvas = document.createElement('canvas');
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser draws no pictures');
  context.scale(SCALE, SCALE);
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, width, height);
  return { canvas, context };
}

function paintTitles(context: CanvasRenderingContext2D, { palette, text }: Look, titles: Titles): void {
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.fillStyle = palette.ink;
  context.font = `700 34px ${text}`;
  context.fillText(titles.title, CARD.margin, 66, CARD.width - 2 * CARD.margin);
  context.fillStyle = palette['ink-quiet'];
  context.font = `400 19px ${text}`;
  context.fillText(titles.line, CARD.margin, 100, CARD.width - 2 * CARD.margin);
  context.fillStyle = palette.ink;
  context.font = `700 19px ${text}`;
  context.fillText(titles.mark, CARD.margin, 130, CARD.width - 2 * CARD.margin);
}

function paintFigure(
  context: CanvasRenderingContext2D,
  { palette, text, number }: Look,
  { label, value, note, tone }: Figure,
  x: number,
  y: number,
  width: number,
): void {
  context.fillStyle = palette.line;
  context.fillRect(x, y, width, 2);
  context.fillStyle = palette.ink;
  context.font = `700 18px ${text}`;
  context.fillText(label, x, y + 28, width);
  context.fillStyle = palette[tone === 'quiet' ? 'ink-quiet' : tone];
  context.font = `700 46px ${number}`;
  context.fillText(value, x, y + 78, width);
  context.fillStyle = palette['ink-quiet'];
  context.font = `400 15px ${text}`;
  for (const [line, words] of linesOf(context, note, width).entries()) {
    context.fillText(words, x, y + 106 + line * 21);
  }
}

/** Breaks a text into lines of a width; the last line ends with an ellipsis when there is more. */
function linesOf(context: CanvasRenderingContext2D, words: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (context.measureText(longer).width <= width) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  lines.push(line);
  if (lines.length <= NOTE_LINES + 1) return lines;
  return [...lines.slice(0, NOTE_LINES), `${lines[NOTE_LINES] ?? ''} …`];
}

function paintAxes(
  { context, left, top, width, height, x, y }: RaceFrame,
  style: RaceStyle,
  most: number,
  end: number,
) {
  context.fillStyle = style.palette['ink-quiet'];
  context.font = `400 ${style.textPx}px ${style.numberFamily}`;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  const step = stepOf(most / 5);
  for (let units = 0; units <= most; units += step) context.fillText(count(units), left - 14, y(units));
  context.textBaseline = 'top';
  context.textAlign = 'center';
  context.font = `400 ${style.textPx}px ${style.textFamily}`;
  const seconds = stepOf(end / 6);
  for (let at = seconds; at <= end; at += seconds)
    context.fillText(`${count(at)} s`, x(at), top + height + 12);
  context.fillStyle = style.palette.line;
  context.fillRect(left, top + height, width, 1);
}

/** The smallest of 1, 2, 5, 10, 20 … that is not below `least`: ticks of both axes are whole. */
function stepOf(least: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, least))));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least) ?? 10 * power;
}

/** Draws a counter in steps, because a slope would show values that it never had. */
function paintSteps(
  { context, x, y, left, width }: RaceFrame,
  style: RaceStyle,
  xs: readonly number[],
  values: readonly number[],
  lane: LaneId,
  isCounter: boolean,
): void {
  context.save();
  context.strokeStyle = style.palette[LANES[lane].colour];
  context.lineWidth = isCounter ? 3 : 4;
  context.lineCap = isCounter ? 'round' : 'butt';
  if (isCounter) context.setLineDash([0.5, 7]);
  context.beginPath();
  for (const [at, seconds] of xs.entries()) {
    const before = values[at - 1] ?? 0;
    if (at === 0) context.moveTo(x(seconds), y(before));
    context.lineTo(x(seconds), y(before));
    context.lineTo(x(seconds), y(values[at] ?? 0));
  }
  if (xs.length > 0) context.lineTo(left + width, y(values.at(-1) ?? 0));
  context.stroke();
  context.restore();
}

function paintOversold(
  { context, x, y, left, width }: RaceFrame,
  style: RaceStyle,
  { xs, curves }: RaceData,
  lane: LaneId,
  capacity: number,
): void {
  const pattern = context.createPattern(hatchTile(style.palette.oversold, 11), 'repeat');
  if (!pattern) return;
  context.fillStyle = pattern;
  const { acknowledged } = ofLane(curves, lane);
  for (const [at, seconds] of xs.entries()) {
    const value = acknowledged[at] ?? 0;
    if (value <= capacity) continue;
    const next = xs[at + 1];
    const until = next === undefined ? left + width : x(next);
    context.fillRect(x(seconds), y(value), until - x(seconds), y(capacity) - y(value));
  }
}
