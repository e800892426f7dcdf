/**
 * The words and marks on the chart of one lane, where the picture is the arithmetic: how many exist, how many were told yes,
 * what the counter says, brackets between them, and a tick for those who were turned away.
 */
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { LANES } from '#lib/domain/lanes.ts';
import { phrase } from '#lib/language/phrase.ts';
import { count } from './format.ts';
import { lastOf, meets } from './race-paint.ts';
import type { Box, RaceData, RaceFrame, RaceStyle } from './race-paint.ts';

/** Words on a chart: where they begin, on their base line, and the place they take; canvas pixels. */
export interface Label {
  text: string;
  colour: string;
  x: number;
  base: number;
  box: Box;
}

/** Room above the highest line for the words on it, in sizes of those words. */
export const ABOVE_EM = 1.45;
/** Room beside the ends of the lines for the dot and the brackets, in sizes of the axes' text. */
export const BESIDE_EM = 2.7;
/** Radius of the dot at the end of a line, in the same. */
const DOT_EM = 0.42;
/** Height of letters above and below their base line, in sizes of the words. */
const RISE = 0.76;
const DROP = 0.22;
/** Distance of words from their line, in the same. */
const GAP = 0.42;

/** The words on a chart, beside one another. Those on the lines stand only where the chart is of one lane. */
export function labelsOf(frame: RaceFrame, style: RaceStyle, data: RaceData, capacity: number): Label[] {
  const exist = capacity === 1 ? phrase('1 exists') : phrase(`${count(capacity)} exist`);
  const colours = style.palette;
  const above = (units: number) => frame.y(units) - style.labelPx * GAP;
  const labels = [label(frame, style, exist, colours.ink, frame.left + style.textPx * 0.25, above(capacity))];
  const [lane, ...others] = data.lanes;
  if (!lane || others.length > 0) return labels;
  const { acknowledged, stored } = lastOf(data, lane);
  if (acknowledged === 0) return labels;
  const onLine = (text: string, base: number) => atEnd(frame, style, text, colours[LANES[lane].colour], base);
  if (stored !== acknowledged) {
    const says = phrase(`counter says ${count(stored)}`);
    const beneath = onLine(says, frame.y(stored) + style.labelPx * (GAP + RISE));
    const fits = beneath.box.bottom <= frame.top + frame.height;
    labels.push(fits ? clear(beneath, labels, 1) : clear(onLine(says, above(stored)), labels, -1));
  }
  const told = onLine(phrase(`${count(acknowledged)} told yes`), above(acknowledged) - style.textPx * DOT_EM);
  const upwards = clear(told, labels, -1);
  labels.push(upwards.box.top >= 0 ? upwards : clear(told, labels, 1));
  return labels;
}

/** Paints words with a halo, which keeps them readable where a line crosses them. */
export function paintLabels({ context }: RaceFrame, style: RaceStyle, labels: readonly Label[]): void {
  context.save();
  context.font = fontOf(style);
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  context.lineJoin = 'round';
  context.lineWidth = style.labelPx / 4;
  context.strokeStyle = style.palette.surface;
  for (const { text, colour, x, base } of labels) {
    context.strokeText(text, x, base);
    context.fillStyle = colour;
    context.fillText(text, x, base);
  }
  context.restore();
}

/** The end of the line of one lane, and the brackets: what the counter has lost, and what was sold beyond the line. */
export function paintEnds(frame: RaceFrame, style: RaceStyle, data: RaceData, capacity: number): void {
  const [lane, ...others] = data.lanes;
  if (!lane || others.length > 0) return;
  const { context, y } = frame;
  const { acknowledged, stored } = lastOf(data, lane);
  if (acknowledged === 0) return;
  const right = frame.left + frame.width;
  const em = style.textPx;
  context.save();
  context.fillStyle = style.palette[LANES[lane].colour];
  context.beginPath();
  context.arc(right, y(acknowledged), em * DOT_EM, 0, 2 * Math.PI);
  context.fill();
  context.lineWidth = em / 7;
  const bracket = (colour: string, from: number, to: number, at: number) => {
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(right + em * at, y(from));
    context.lineTo(right + em * (at + 0.5), y(from));
    context.lineTo(right + em * (at + 0.5), y(to));
    context.lineTo(right + em * at, y(to));
    context.stroke();
  };
  if (stored < acknowledged) bracket(style.palette.lost, acknowledged, stored, 0.7);
  if (capacity < acknowledged) bracket(style.palette.oversold, acknowledged, capacity, 1.6);
  context.restore();
}

/** A tick beneath the line for each moment at which somebody was told that nothing is left, as far as ticks can be told apart. */
export function paintTurnedAway(frame: RaceFrame, style: RaceStyle, data: RaceData, lane: LaneId): void {
  const { context, x, y } = frame;
  const { acknowledged, turnedAway } = ofLane(data.curves, lane);
  if (!turnedAway?.at(-1)) return;
  const em = style.textPx;
  context.save();
  context.strokeStyle = style.palette.ink;
  context.lineWidth = em / 9;
  context.beginPath();
  let last = -Infinity;
  for (const [at, seconds] of data.xs.entries()) {
    const place = x(seconds);
    if (turnedAway[at] === (turnedAway[at - 1] ?? 0) || place - last < em * 0.3) continue;
    last = place;
    const top = y(acknowledged[at] ?? 0) + em * 0.6;
    context.moveTo(place, top);
    context.lineTo(place, top + em * 0.8);
  }
  context.stroke();
  context.restore();
}

function label(
  { context }: RaceFrame,
  style: RaceStyle,
  text: string,
  colour: string,
  x: number,
  base: number,
): Label {
  context.save();
  context.font = fontOf(style);
  const { width } = context.measureText(text);
  context.restore();
  const { labelPx } = style;
  const box = { left: x, right: x + width, top: base - labelPx * RISE, bottom: base + labelPx * DROP };
  return { text, colour, x, base, box };
}

/** Words that end where the lines do. */
function atEnd(frame: RaceFrame, style: RaceStyle, text: string, colour: string, base: number): Label {
  const { box } = label(frame, style, text, colour, 0, base);
  const right = frame.left + frame.width - style.textPx * 0.75;
  return label(frame, style, text, colour, Math.max(frame.left, right - box.right), base);
}

/** The same words as far up or down as it takes to stand clear of others. */
function clear(moved: Label, others: readonly Label[], direction: 1 | -1): Label {
  const inWay = others.find((other) => meets(moved.box, other.box));
  if (!inWay) return moved;
  const by = direction > 0 ? inWay.box.bottom - moved.box.top + 1 : inWay.box.top - moved.box.bottom - 1;
  const { box } = moved;
  const shifted = { ...box, top: box.top + by, bottom: box.bottom + by };
  return clear({ ...moved, base: moved.base + by, box: shifted }, others, direction);
}

function fontOf({ labelPx, figureFamily }: RaceStyle): string {
  return `700 ${labelPx}px ${figureFamily}`;
}
