/** What is written on the race chart stands beside what else is written there. */
import { expect, test } from 'vitest';
import { labelsOf, paintLabels } from '#lib/components/race-labels.ts';
import { endLabelWidth, paintCuts, paintEndLabels } from '#lib/components/race-paint.ts';
import type { RaceData, RaceFrame, RaceStyle } from '#lib/components/race-paint.ts';

const STYLE = { palette: {}, textPx: 20, labelPx: 35, textFamily: 'sans', figureFamily: 'plex' } as RaceStyle;
const CAPACITY = 100;

interface Written {
  text: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A context that keeps what is written where: every letter is half as wide as it is high. */
function frameOf(seconds: number, top = CAPACITY * 1.16): { frame: RaceFrame; written: Written[] } {
  const written: Written[] = [];
  let align = 'left';
  let base = 'alphabetic';
  let px = STYLE.textPx;
  const width = (text: string) => text.length * px * 0.5;
  const context = new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === 'measureText') return (text: string) => ({ width: width(text) });
        if (name !== 'fillText') return () => undefined;
        return (text: string, x: number, y: number) => {
          const left = align === 'right' ? x - width(text) : x;
          const rise = { top: 0, middle: px / 2 }[base] ?? px * 0.75;
          written.push({
            text,
            left,
            right: left + width(text),
            top: y - rise,
            bottom: y - rise + px * 0.95,
          });
        };
      },
      set: (_, name, value: string) => {
        if (name === 'textAlign') align = value;
        if (name === 'textBaseline') base = value;
        if (name === 'font') px = Number(/(\d+)px/.exec(value)?.[1]);
        return true;
      },
    },
  ) as CanvasRenderingContext2D;
  const frame = { context, left: 60, top: 20, width: 800, height: 300 };
  return {
    written,
    frame: {
      ...frame,
      x: (at) => frame.left + (at / seconds) * frame.width,
      y: (units) => frame.top + frame.height * (1 - units / top),
    },
  };
}

function overlaps(written: readonly Written[]): string[] {
  return written.flatMap((one, place) =>
    written
      .slice(place + 1)
      .filter((other) => one.left < other.right && other.left < one.right)
      .filter((other) => one.top < other.bottom && other.top < one.bottom)
      .map((other) => `${one.text} / ${other.text}`),
  );
}

test('a pause is written beside what exists and beside other pauses, wherever it was', () => {
  for (let first = 0; first <= 60; first += 1) {
    for (const second of [first, first + 2, 60]) {
      const { frame, written } = frameOf(60);
      const cuts = [first, second].map((x) => ({ x, pausedMs: 3_600_000 }));
      const labels = labelsOf(frame, STYLE, dataOf(['safe', 'eventual'], 0, 0), CAPACITY);
      const taken = labels.map(({ box }) => box);
      paintCuts(frame, STYLE, cuts, taken);
      paintLabels(frame, STYLE, labels);
      expect(written.map(({ text }) => text)).toEqual(['pause 60 min', 'pause 60 min', '100 exist']);
      expect(overlaps(written), `pauses at ${first} and ${second} s`).toEqual([]);
    }
  }
});

test('names at the ends of lines have the room that they need, however much was sold', () => {
  for (const sold of [1, 999, 20_000, 9_999_999]) {
    const data = dataOf(['safe', 'eventual'], sold, sold - 1);
    const { frame, written } = frameOf(1);
    paintEndLabels(frame, STYLE, data);
    const room = endLabelWidth(frame.context, STYLE, data);
    expect(written).toHaveLength(4);
    for (const { right } of written) expect(right).toBeLessThanOrEqual(frame.left + frame.width + room);
    expect(overlaps(written)).toEqual([]);
  }
});

test('the words on the lines of one lane stand clear of one another and of pauses, wherever the lines are', () => {
  for (const capacity of [1, 20, 100, 100_000]) {
    for (const share of [0.01, 0.4, 0.97, 1, 1.03, 1.8, 40]) {
      for (const counted of [0, 0.3, 0.95]) {
        const sold = Math.max(1, Math.round(capacity * share));
        const stored = Math.min(capacity, Math.floor(sold * counted));
        const { frame, written } = frameOf(60, Math.max(capacity, sold) * 1.02);
        const labels = labelsOf(frame, STYLE, dataOf(['eventual'], sold, stored), capacity);
        const cuts = [5, 31, 55].map((x) => ({ x, pausedMs: 3_600_000 }));
        const taken = labels.map(({ box }) => box);
        paintCuts(frame, STYLE, cuts, taken);
        paintLabels(frame, STYLE, labels);
        const message = `${sold} of ${capacity}, counter ${stored}`;
        expect(overlaps(written), message).toEqual([]);
        expect(
          labels.map(({ text }) => text.replace(/,/g, '')),
          message,
        ).toEqual([
          capacity === 1 ? '1 exists' : `${capacity} exist`,
          `counter says ${stored}`,
          `${sold} told yes`,
        ]);
      }
    }
  }
});

/** A chart that ends with these figures on each of its lanes. */
function dataOf(lanes: RaceData['lanes'], acknowledged: number, stored: number): RaceData {
  const counts = { acknowledged: [acknowledged], stored: [stored] };
  return { lanes, xs: [1], cuts: [], curves: { safe: counts, eventual: counts } };
}
