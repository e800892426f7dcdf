/** What is written on the race chart stands beside what else is written there. */
import { expect, test } from 'vitest';
import { endLabelWidth, paintCapacityLabel, paintCuts, paintEndLabels } from '#lib/components/race-paint.ts';
import type { RaceData, RaceFrame, RaceStyle } from '#lib/components/race-paint.ts';

const STYLE = { palette: {}, textPx: 20, textFamily: 'sans', numberFamily: 'mono' } as RaceStyle;
const CAPACITY = 100;

interface Written {
  text: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A context that keeps what is written where: every letter is half as wide as it is high. */
function frameOf(seconds: number): { frame: RaceFrame; written: Written[] } {
  const written: Written[] = [];
  let align = 'left';
  let base = 'alphabetic';
  const width = (text: string) => text.length * STYLE.textPx * 0.5;
  const context = new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === 'measureText') return (text: string) => ({ width: width(text) });
        if (name !== 'fillText') return () => undefined;
        return (text: string, x: number, y: number) => {
          const left = align === 'right' ? x - width(text) : x;
          const top = base === 'top' ? y : base === 'middle' ? y - STYLE.textPx / 2 : y - STYLE.textPx;
          written.push({ text, left, right: left + width(text), top, bottom: top + STYLE.textPx });
        };
      },
      set: (_, name, value: string) => {
        if (name === 'textAlign') align = value;
        if (name === 'textBaseline') base = value;
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
      y: (units) => frame.top + frame.height * (1 - units / (CAPACITY * 1.16)),
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
      paintCuts(frame, STYLE, cuts, CAPACITY);
      paintCapacityLabel(frame, STYLE, CAPACITY);
      expect(written.map(({ text }) => text)).toEqual(['pause 60 min', 'pause 60 min', '100 exist']);
      expect(overlaps(written), `pauses at ${first} and ${second} s`).toEqual([]);
    }
  }
});

test('names at the ends of lines have the room that they need, however much was sold', () => {
  for (const sold of [1, 999, 20_000, 9_999_999]) {
    const counts = { acknowledged: [sold], stored: [sold - 1] };
    const data: RaceData = {
      lanes: ['safe', 'eventual'],
      xs: [1],
      cuts: [],
      curves: { safe: counts, eventual: counts },
    };
    const { frame, written } = frameOf(1);
    paintEndLabels(frame, STYLE, data);
    const room = endLabelWidth(frame.context, STYLE, data);
    expect(written).toHaveLength(4);
    for (const { right } of written) expect(right).toBeLessThanOrEqual(frame.left + frame.width + room);
    expect(overlaps(written)).toEqual([]);
  }
});
