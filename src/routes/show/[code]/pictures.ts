/** The card as a PNG picture, and what it shares with the chart's (chart-picture.ts): drawn at twice the pixels. */
import { readPalette } from '#lib/components/palette.ts';
import type { Palette } from '#lib/components/palette.ts';
import type { Figure } from '#lib/summary/card.ts';

/** Canvas pixels per pixel of a picture, so that it is sharp on every screen. */
const SCALE = 2;
/** Sizes of the card, pixels. */
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
export interface Look {
  palette: Palette;
  text: string;
  figure: string;
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

/** The look of an element of the page. */
export function lookOf(host: HTMLElement): Look {
  const styles = getComputedStyle(host);
  return {
    palette: readPalette(host),
    text: styles.fontFamily,
    figure: styles.getPropertyValue('--font-figure') || 'sans-serif',
  };
}

/** An empty picture of so many pixels. */
export function blank({ palette }: Look, width: number, height: number) {
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

/** Paints titles, in lines of at most `width` pixels. */
export function paintTitles(
  context: CanvasRenderingContext2D,
  { palette, text }: Look,
  titles: Titles,
  width = CARD.width - 2 * CARD.margin,
): void {
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.fillStyle = palette.ink;
  context.font = `700 34px ${text}`;
  context.fillText(titles.title, CARD.margin, 66, width);
  context.fillStyle = palette['ink-quiet'];
  context.font = `400 19px ${text}`;
  context.fillText(titles.line, CARD.margin, 100, width);
  context.fillStyle = palette.ink;
  context.font = `700 19px ${text}`;
  context.fillText(titles.mark, CARD.margin, 130, width);
}

function paintFigure(
  context: CanvasRenderingContext2D,
  { palette, text, figure: figures }: Look,
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
  context.font = `700 46px ${figures}`;
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
