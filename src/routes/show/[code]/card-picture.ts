/** The card as a PNG picture: one figure that is seen first, and the others with their labels and notes. */
import type { Figure } from '#lib/summary/figure.ts';
import { blank, lookOf, paintTitles, SHEET } from './pictures.ts';
import type { Look, Titles } from './pictures.ts';

/** Sizes, pixels: what the hero takes, and the rows of the others. */
const HERO = { height: 240, sizePx: 150, wordsPx: 26 };
const ROWS = { columns: 3, gap: 32, height: 218 };
/** Lines of a note before it ends in dots. */
const NOTE_LINES = 4;

/** A place on the sheet, pixels. */
interface Place {
  x: number;
  y: number;
  width: number;
}

/** The card of a room; `hero` is one of its figures. `host` is an element of the page, for its colours and fonts. */
export function cardPicture(
  host: HTMLElement,
  titles: Titles,
  figures: readonly Figure[],
  hero: Figure,
): HTMLCanvasElement {
  const look = lookOf(host);
  const others = figures.filter(({ key }) => key !== hero.key);
  const rows = Math.ceil(others.length / ROWS.columns);
  const top = SHEET.titles + HERO.height;
  const { canvas, context } = blank(look, SHEET.width, top + 10 + rows * ROWS.height + 24);
  const inner = SHEET.width - 2 * SHEET.margin;
  paintTitles(context, look, titles);
  paintHero(context, look, hero, { x: SHEET.margin, y: SHEET.titles, width: inner });
  const width = (inner - (ROWS.columns - 1) * ROWS.gap) / ROWS.columns;
  for (const [place, figure] of others.entries()) {
    const x = SHEET.margin + (place % ROWS.columns) * (width + ROWS.gap);
    const y = top + Math.floor(place / ROWS.columns) * ROWS.height;
    paintFigure(context, look, figure, { x, y, width });
  }
  return canvas;
}

/** The figure as large as it fits into half of the sheet, and its words beside it. */
function paintHero(
  context: CanvasRenderingContext2D,
  { palette, text, figure }: Look,
  { label, value, note, tone, simulated }: Figure,
  { x, y, width }: Place,
): void {
  context.fillStyle = palette[tone === 'quiet' ? 'ink-quiet' : tone];
  context.font = `700 ${HERO.sizePx}px ${figure}`;
  const half = width / 2;
  const drawn = Math.min(half, context.measureText(value).width);
  context.fillText(value, x, y + 160, half);
  const beside = { x: x + drawn + 36, width: width - drawn - 36 };
  context.fillStyle = palette.ink;
  context.font = `700 ${HERO.wordsPx}px ${text}`;
  context.fillText(label, beside.x, y + 76, beside.width);
  context.fillStyle = palette['ink-quiet'];
  context.font = `400 22px ${text}`;
  const lines = linesOf(context, note, beside.width, 2);
  for (const [line, words] of lines.entries()) context.fillText(words, beside.x, y + 110 + line * 30);
  context.fillStyle = palette.ink;
  context.font = `700 20px ${text}`;
  context.fillText(simulated, beside.x, y + 112 + lines.length * 30, beside.width);
}

function paintFigure(
  context: CanvasRenderingContext2D,
  { palette, text, figure }: Look,
  { label, value, note, tone, simulated }: Figure,
  { x, y, width }: Place,
): void {
  context.fillStyle = palette.line;
  context.fillRect(x, y, width, 2);
  context.fillStyle = palette.ink;
  context.font = `700 18px ${text}`;
  context.fillText(label, x, y + 28, width);
  context.fillStyle = palette[tone === 'quiet' ? 'ink-quiet' : tone];
  context.font = `700 46px ${figure}`;
  context.fillText(value, x, y + 78, width);
  context.fillStyle = palette['ink-quiet'];
  context.font = `400 15px ${text}`;
  const lines = linesOf(context, note, width, NOTE_LINES);
  for (const [line, words] of lines.entries()) context.fillText(words, x, y + 106 + line * 21);
  context.fillStyle = palette.ink;
  context.font = `700 15px ${text}`;
  context.fillText(simulated, x, y + 106 + lines.length * 21, width);
}

/** Breaks a text into lines of a width; the last of `most` ends with an ellipsis when there is more. */
function linesOf(context: CanvasRenderingContext2D, words: string, width: number, most: number): string[] {
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
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `${lines[most - 1] ?? ''} …`];
}
