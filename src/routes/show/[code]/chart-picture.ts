/** The chart of an epoch as a PNG picture, as good as the stage's, and on paper. */
import { count } from '#lib/components/format.ts';
import { hatchTile } from '#lib/components/palette.ts';
import { ABOVE_EM, BESIDE_EM, labelsOf, paintEnds, paintLabels } from '#lib/components/race-labels.ts';
import { laneWords } from '#lib/components/strategy-words.ts';
import { lastOf, paintCapacity, paintCuts, paintEndLabels } from '#lib/components/race-paint.ts';
import type { RaceData, RaceFrame, RaceStyle } from '#lib/components/race-paint.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { LANES } from '#lib/domain/lanes.ts';
import { phrase } from '#lib/language/phrase.ts';
import { blank, lookOf, paintTitles } from './pictures.ts';
import type { Look, Titles } from './pictures.ts';

/** Sizes of the picture, and of the printed one, pixels. */
const CHART = { width: 1_200, height: 675, titles: 164, margin: 24 };
const PAPER = { width: 600, height: 360 };
/** Lanes whose lines are told apart on one chart; more have one each, in a grid: its columns, the height of a cell, and of a name. */
const FEW_LANES = 2;
const GRID = { columns: 2, height: 300, name: 22 };
/** Room for the names at the ends of several lanes' lines, pixels. */
const NAMES_PX = 226;

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
  const isMany = data.lanes.length > FEW_LANES;
  const rows = isMany ? Math.ceil(data.lanes.length / GRID.columns) : 0;
  const { canvas, context } = blank(look, width, isMany ? above + rows * GRID.height : height);
  if (titles) {
    const hero = paintHero(context, look, data, capacity);
    paintTitles(context, look, titles, width - 5 * CHART.margin - hero);
  }
  const style: RaceStyle = {
    palette: look.palette,
    textPx: isMany ? 15 : 20,
    labelPx: isMany ? 17 : titles ? 32 : 24,
    textFamily: look.text,
    figureFamily: look.figure,
  };
  const most = Math.max(0, ...data.lanes.map((lane) => ofLane(data.curves, lane).acknowledged.at(-1) ?? 0));
  if (!isMany) {
    paintChart(context, style, data, capacity, most, { left: 0, top: above, width, height: height - above });
    return canvas;
  }
  const cell = width / GRID.columns;
  for (const [place, lane] of data.lanes.entries()) {
    const left = (place % GRID.columns) * cell;
    const top = above + Math.floor(place / GRID.columns) * GRID.height;
    context.fillStyle = look.palette[LANES[lane].colour];
    context.font = `700 ${style.labelPx}px ${look.text}`;
    context.textAlign = 'left';
    context.textBaseline = 'alphabetic';
    context.fillText(laneWords(lane), left + CHART.margin, top + style.labelPx, cell - CHART.margin);
    const under = { left, top: top + GRID.name, width: cell, height: GRID.height - GRID.name };
    paintChart(context, style, { ...data, lanes: [lane] }, capacity, most, under);
  }
  return canvas;
}

/** A place on the picture, pixels. */
type Place = Pick<RaceFrame, 'left' | 'top' | 'width' | 'height'>;

/** One chart with its axes; `highest` of the values of all charts on the picture, units, so that they have one scale. */
function paintChart(
  context: CanvasRenderingContext2D,
  style: RaceStyle,
  data: RaceData,
  capacity: number,
  highest: number,
  place: Place,
): void {
  const isOne = data.lanes.length === 1;
  const top = isOne ? Math.max(capacity, highest) * 1.02 : Math.max(capacity * 1.16, highest * 1.06);
  const end = Math.max(1, data.xs.at(-1) ?? 0);
  const from = place.top + (isOne ? style.labelPx * ABOVE_EM : 0);
  const before = 5.5 * style.textPx;
  const beside = CHART.margin + (isOne ? style.textPx * BESIDE_EM : NAMES_PX);
  const area = {
    left: place.left + before,
    top: from,
    width: place.width - before - beside,
    height: place.top + place.height - from - 3.5 * style.textPx,
  };
  const frame: RaceFrame = {
    context,
    ...area,
    x: (seconds) => area.left + (seconds / end) * area.width,
    y: (units) => area.top + area.height * (1 - units / top),
  };
  paintAxes(frame, style, top, end);
  const labels = labelsOf(frame, style, data, capacity);
  paintCuts(
    frame,
    style,
    data.cuts,
    labels.map(({ box }) => box),
  );
  for (const lane of data.lanes) paintOversold(frame, style, data, lane, capacity);
  paintCapacity(frame, style, capacity);
  for (const lane of data.lanes) {
    const { acknowledged, stored } = ofLane(data.curves, lane);
    paintSteps(frame, style, data.xs, stored, lane, true);
    paintSteps(frame, style, data.xs, acknowledged, lane, false);
  }
  paintEnds(frame, style, data, capacity);
  paintLabels(frame, style, labels);
  if (!isOne) paintEndLabels(frame, style, data);
}

/** The one figure of the picture, at its top right: what was sold too many, else what was sold. Returns its width, pixels. */
function paintHero(context: CanvasRenderingContext2D, look: Look, data: RaceData, capacity: number): number {
  const sold = data.lanes.map((lane) => ({ lane, units: lastOf(data, lane).acknowledged }));
  const [most] = sold.sort((one, other) => other.units - one.units);
  if (!most) return 0;
  const beyond = most.units - capacity;
  const value = beyond > 0 ? `+${count(beyond)}` : count(most.units);
  const stopped = most.units === capacity && !LANES[most.lane].canOversell;
  const ends = stopped ? phrase(`of ${count(capacity)}. It stopped.`) : phrase(`of ${count(capacity)} sold`);
  const words = beyond > 0 ? phrase('sold that do not exist') : ends;
  const right = CHART.width - 2 * CHART.margin;
  context.save();
  context.textAlign = 'right';
  context.textBaseline = 'alphabetic';
  context.fillStyle = look.palette[beyond > 0 ? 'oversold' : LANES[most.lane].colour];
  context.font = `700 110px ${look.figure}`;
  context.fillText(value, right, 112);
  const wide = context.measureText(value).width;
  context.fillStyle = look.palette.ink;
  context.font = `700 24px ${look.text}`;
  context.fillText(words, right, 146);
  const under = context.measureText(words).width;
  context.restore();
  return Math.max(wide, under);
}

function paintAxes(
  { context, left, top, width, height, x, y }: RaceFrame,
  style: RaceStyle,
  most: number,
  end: number,
) {
  context.fillStyle = style.palette['ink-quiet'];
  context.font = `700 ${style.textPx}px ${style.figureFamily}`;
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
