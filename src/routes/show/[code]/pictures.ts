/** What the PNG pictures of the card and of the chart have in common: sheet, look and titles, drawn at twice the pixels. */
import { readPalette } from '#lib/components/palette.ts';
import type { Palette } from '#lib/components/palette.ts';

/** Canvas pixels per pixel of a picture, so that it is sharp on every screen. */
const SCALE = 2;
/** Width of a picture, its margin, and the height that its titles take, pixels. */
export const SHEET = { width: 1_200, margin: 48, titles: 164 };

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
  width = SHEET.width - 2 * SHEET.margin,
): void {
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.fillStyle = palette.ink;
  context.font = `700 34px ${text}`;
  context.fillText(titles.title, SHEET.margin, 66, width);
  context.fillStyle = palette['ink-quiet'];
  context.font = `400 19px ${text}`;
  context.fillText(titles.line, SHEET.margin, 100, width);
  context.fillStyle = palette.ink;
  context.font = `700 19px ${text}`;
  context.fillText(titles.mark, SHEET.margin, 130, width);
}
