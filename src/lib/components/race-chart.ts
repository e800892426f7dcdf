/** The race chart on uPlot: made once for a size of text and a theme, then fed with data only. */
import uPlot from 'uplot';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { LANES } from '#lib/domain/lanes.ts';
import { count } from './format.ts';
import { hatchTile } from './palette.ts';
import { ABOVE_EM, BESIDE_EM, labelsOf, paintEnds, paintLabels, paintTurnedAway } from './race-labels.ts';
import type { Label } from './race-labels.ts';
import { endLabelWidth, paintCapacity, paintCuts, paintEndLabels } from './race-paint.ts';
import type { RaceData, RaceFrame, RaceStyle } from './race-paint.ts';

/** Most points of a line that are drawn: one for each pixel column of a projector. */
const MAX_POINTS = 1_200;
/** Longest time between two drawings of a growing chart, milliseconds; a change of less than a pixel column waits. */
const STILL_MS = 250;
/** Steps of the y axis: units are whole. */
const UNIT_STEPS = [1, 2, 5]
  .flatMap((digit) => [0, 1, 2, 3, 4, 5, 6].map((power) => digit * 10 ** power))
  .sort((a, b) => a - b);
/** Shortest time axis, seconds, because all events of one commit have the same time. */
const SHORTEST_S = 1;
/** Least room for the names at the ends of several lanes' lines, in sizes of their text, so that nothing moves at first. */
const NAMES_EM = 10.6;
/** Room above the highest line of several lanes, as a share of its value; one lane's has words above it instead. */
const ABOVE_SEVERAL = 1.06;
const ABOVE_ONE = 1.02;

/** A chart that can be fed. */
export interface RaceChart {
  /**
   * Draws the data, at once or when the time axis has moved by a pixel column; the newest data are always drawn. Charts side
   * by side have one scale, up to the `highest` of their values in units.
   */
  update(data: RaceData, capacity: number, highest: number): void;
  resize(width: number, height: number): void;
  destroy(): void;
}

/** Makes the chart inside `host`. */
export function createRaceChart(
  host: HTMLElement,
  lanes: readonly LaneId[],
  style: RaceStyle,
  size: { width: number; height: number },
): RaceChart {
  let data: RaceData | null = null;
  let capacity = 1;
  let highest = 0;
  let labels: Label[] = [];
  const [only, ...others] = lanes;
  const isOne = others.length === 0;
  let drawnAtMs = -Infinity;
  let next: ReturnType<typeof setTimeout> | null = null;
  const draw = () => {
    next = null;
    drawnAtMs = performance.now();
    chart.setData(columnsOf(data, lanes, capacity));
  };
  const ratio = devicePixelRatio;
  const canvasStyle: RaceStyle = {
    ...style,
    textPx: style.textPx * ratio,
    labelPx: style.labelPx * ratio,
  };
  const paintBelow = (chart: uPlot) => {
    if (!data) return;
    const frame = frameOf(chart);
    labels = labelsOf(frame, canvasStyle, data, capacity);
    paintCuts(
      frame,
      canvasStyle,
      data.cuts,
      labels.map(({ box }) => box),
    );
    paintCapacity(frame, canvasStyle, capacity);
    if (isOne && only) paintTurnedAway(frame, canvasStyle, data, only);
  };
  const paintAbove = (chart: uPlot) => {
    if (!data) return;
    const frame = frameOf(chart);
    paintEnds(frame, canvasStyle, data, capacity);
    paintLabels(frame, canvasStyle, labels);
    if (!isOne) paintEndLabels(frame, canvasStyle, data);
  };
  const top = () => {
    const most = Math.max(highest, ...lanes.map((lane) => data?.curves[lane]?.acknowledged.at(-1) ?? 0));
    return isOne ? Math.max(capacity, most) * ABOVE_ONE : Math.max(capacity * 1.16, most * ABOVE_SEVERAL);
  };
  const beside = ({ ctx }: uPlot) => {
    if (isOne) return style.textPx * BESIDE_EM;
    return Math.max(style.textPx * NAMES_EM, data ? endLabelWidth(ctx, canvasStyle, data) / ratio : 0);
  };
  const chart = new uPlot(
    {
      ...size,
      legend: { show: false },
      cursor: { show: false },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      padding: [isOne ? style.labelPx * ABOVE_EM : style.textPx, beside, 0, 0],
      scales: {
        x: { time: false, range: () => [0, Math.max(SHORTEST_S, data?.xs.at(-1) ?? 0)] },
        y: { range: () => [0, top()] },
      },
      axes: axesOf(style),
      series: [
        {},
        ...lanes.flatMap((lane, place) =>
          seriesOf(lane, canvasStyle, lanes.length - 1 - place, () => capacity),
        ),
      ],
      hooks: { drawAxes: [paintBelow], draw: [paintAbove] },
    },
    columnsOf(null, lanes, 1),
    host,
  );
  return {
    update(newest, units, most) {
      data = newest;
      capacity = units;
      highest = most;
      if (next !== null) return;
      const columnMs = (1_000 * (newest.xs.at(-1) ?? 0)) / Math.max(1, chart.width);
      const dueMs = drawnAtMs + Math.min(STILL_MS, columnMs) - performance.now();
      if (dueMs <= 0) draw();
      else next = setTimeout(draw, dueMs);
    },
    resize(width, height) {
      chart.setSize({ width, height });
    },
    destroy() {
      if (next !== null) clearTimeout(next);
      chart.destroy();
    },
  };
}

function frameOf(chart: uPlot): RaceFrame {
  const { left, top, width, height } = chart.bbox;
  return {
    context: chart.ctx,
    left,
    top,
    width,
    height,
    x: (seconds) => chart.valToPos(seconds, 'x', true),
    y: (units) => chart.valToPos(units, 'y', true),
  };
}

/**
 * Oversold area, stored and acknowledged of a lane, in the order in which they lie on one another. Lines that others lie
 * on are wider, so that two lanes on the same way are both seen.
 */
function seriesOf(lane: LaneId, style: RaceStyle, covered: number, capacity: () => number): uPlot.Series[] {
  // Stepped, because a slope would show values that the counter never had.
  const paths = uPlot.paths.stepped?.({ align: 1 }) ?? null;
  const px = style.textPx / devicePixelRatio;
  const colour = style.palette[LANES[lane].colour];
  const hatch = hatchTile(style.palette.oversold, style.textPx * 0.55);
  const shared = { scale: 'y', points: { show: false }, ...(paths ? { paths } : {}) };
  return [
    {
      ...shared,
      width: 0,
      fill: (chart) => chart.ctx.createPattern(hatch, 'repeat') ?? style.palette.oversold,
      fillTo: capacity,
    },
    { ...shared, stroke: colour, width: px / 6, dash: [px / 28, px / 3], cap: 'round' },
    { ...shared, stroke: colour, width: px / 4.2 + (covered * px) / 5 },
  ];
}

function axesOf(style: RaceStyle): uPlot.Axis[] {
  const shared = {
    stroke: style.palette['ink-quiet'],
    font: `700 ${style.textPx}px ${style.figureFamily}`,
    grid: { show: false },
    ticks: { show: false },
    gap: style.textPx * 0.4,
  };
  return [
    {
      ...shared,
      size: style.textPx * 1.5,
      space: style.textPx * 5,
      incrs: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600],
      values: (_chart, splits) => splits.map((seconds) => (seconds === 0 ? '' : `${count(seconds)} s`)),
    },
    {
      ...shared,
      size: (_chart, values) =>
        Math.max(2, ...(values ?? []).map((text) => text.length)) * style.textPx * 0.62 + style.textPx * 0.6,
      space: style.textPx * 3.6,
      incrs: UNIT_STEPS,
      values: (_chart, splits) => splits.map(count),
    },
  ];
}

/** Columns in the order of the series; an empty chart is one moment at zero. */
function columnsOf(data: RaceData | null, lanes: readonly LaneId[], capacity: number): uPlot.AlignedData {
  const end = data?.xs.at(-1);
  if (!data || end === undefined) return [[0], ...lanes.flatMap(() => [[null], [0], [0]])];
  const step = Math.ceil(data.xs.length / MAX_POINTS);
  // A race shorter than the axis stands as it ended until the axis does.
  const held = end < SHORTEST_S;
  const column = (values: number[]) => {
    const drawn = step === 1 && !held ? values : everyNth(values, step);
    return held ? [...drawn, drawn.at(-1)!] : drawn;
  };
  const xs = held ? [...everyNth(data.xs, step), SHORTEST_S] : column(data.xs);
  return [
    xs,
    ...lanes.flatMap((lane) => {
      const curve = ofLane(data.curves, lane);
      const acknowledged = column(curve.acknowledged);
      const beyond = acknowledged.map((value) => (value > capacity ? value : null));
      return [beyond, column(curve.stored), acknowledged];
    }),
  ];
}

/** Every n-th value and the last one; none is interpolated. */
function everyNth(values: number[], step: number): number[] {
  const thinned: number[] = [];
  for (let at = 0; at < values.length - 1; at += step) thinned.push(values[at]!);
  thinned.push(values.at(-1)!);
  return thinned;
}
