/** A person's tickets as a picture: what is held in large figures, and a cell for each unit that the shop said yes to. */
import type { LaneId } from '#lib/domain/lane.ts';
import { LANES } from '#lib/domain/lanes.ts';
import { hatchTile, readPalette } from '../palette.ts';
import type { Palette } from '../palette.ts';
import {
  ABOVE_CELLS,
  cellPitch,
  columnsOf,
  FOOT,
  HEAD,
  INNER,
  LINE,
  MARGIN,
  pictureHeight,
  sectionHeight,
  sizesFor,
  WIDTH,
} from './ticket-picture-layout.ts';
import type { Sizes } from './ticket-picture-layout.ts';
import type { Sentence } from './verdict-words.ts';

/** What became of a unit; `shared` is held and was sold to others as well. */
export type Cell = 'held' | 'shared' | 'lost';

/** One product on one lane. */
export interface Section {
  title: string;
  lane: LaneId;
  sentences: readonly Sentence[];
  cells: readonly Cell[];
}

/** All texts of a picture, in its reader's language; an empty one is left out. */
export interface TicketPicture {
  heading: string;
  /** Whose tickets they are. */
  name: string;
  /** SIMULATED, where they are. */
  mark: string;
  sections: readonly Section[];
  /** What stands where there is no section. */
  nothing: string;
  /** What could not be found out. */
  missing: string;
  foot: string;
  /** Where all of it can be checked. */
  check: string;
}

interface Style {
  size: number;
  colour: keyof Palette;
  weight?: 400 | 700;
  mono?: boolean;
  align?: 'left' | 'right';
  /** Most width, pixels: what is longer ends in an ellipsis. */
  most?: number;
}

/** Sizes the canvas for what it shows, and paints it in the page's colours. */
export function paintTickets(canvas: HTMLCanvasElement, picture: TicketPicture): void {
  const { sections } = picture;
  const sizes = sizesFor(sections.length);
  const heights = sections.map(({ sentences, cells }) =>
    sectionHeight(sentences.length, cells.length, sizes),
  );
  canvas.width = WIDTH;
  canvas.height = pictureHeight(heights);
  const context = canvas.getContext('2d');
  if (!context) return;
  const brush = new Brush(context);
  brush.head(picture);
  let y = HEAD;
  for (const [place, section] of sections.entries()) {
    brush.section(section, y, sizes);
    y += heights[place] ?? 0;
  }
  if (sections.length === 0)
    brush.text(picture.nothing, MARGIN, y + 80, { size: 60, colour: 'ink', weight: 700 });
  brush.foot(picture, canvas.height - FOOT);
}

/** Draws in the colours and fonts of the page. */
class Brush {
  readonly #context: CanvasRenderingContext2D;
  readonly #palette: Palette;
  readonly #fonts: { text: string; mono: string };

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
    this.#palette = readPalette(document.body);
    const styles = getComputedStyle(document.body);
    const mono = styles.getPropertyValue('--font-number') || 'monospace';
    this.#fonts = { text: styles.fontFamily, mono };
    context.fillStyle = this.#palette.surface;
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    context.textBaseline = 'alphabetic';
  }

  head({ heading, name, mark }: TicketPicture): void {
    this.text('Revenue Guard Live', MARGIN, 96, { size: 34, colour: 'ink', weight: 700 });
    if (mark) this.#mark(mark);
    this.#rule(128);
    this.text(heading, MARGIN, 188, { size: 38, colour: 'ink-quiet' });
    this.text(name, MARGIN, 254, { size: 64, colour: 'ink', weight: 700 });
  }

  foot({ missing, foot, check }: TicketPicture, y: number): void {
    this.text(missing, MARGIN, y - 16, { size: 30, colour: 'ink-quiet' });
    this.#rule(y + 16);
    this.text(foot, MARGIN, y + 70, { size: 34, colour: 'ink-quiet' });
    // An address that is cut leads nowhere.
    const size = this.#fitting(check, 36, INNER - 1, this.#fonts.mono);
    this.text(check, MARGIN, y + 122, { size, colour: 'ink', weight: 700, mono: true });
  }

  section({ title, lane, sentences, cells }: Section, top: number, sizes: Sizes): void {
    const { colour } = LANES[lane];
    const [held, ...others] = sentences;
    const size = sizes.text * 0.75;
    let y = top + sizes.text;
    const width = this.text(lane, WIDTH - MARGIN, y, { size, colour, weight: 700, align: 'right' });
    this.text(title, MARGIN, y, { size, colour: 'ink', most: INNER - width - 40 });
    y += sizes.figure * 1.1;
    if (held) this.#sentence(held, y, sizes.text, sizes.figure, colour);
    for (const sentence of others) {
      y += sizes.text * LINE;
      this.#sentence(sentence, y, sizes.text, sizes.text, sentence.tone === 'lost' ? 'lost' : 'oversold');
    }
    this.#cells(cells, y + ABOVE_CELLS, sizes.cells, colour);
  }

  /** Writes a text; how wide it came to be. */
  text(words: string, x: number, y: number, style: Style): number {
    const { size, colour, weight = 400, mono = false, align = 'left', most = INNER } = style;
    const context = this.#context;
    context.font = `${weight} ${size}px ${mono ? this.#fonts.mono : this.#fonts.text}`;
    context.fillStyle = this.#palette[colour];
    context.textAlign = align;
    let shown = words;
    while (shown.length > 1 && context.measureText(shown).width > most)
      shown = `${[...shown].slice(0, -2).join('')}…`;
    if (shown) context.fillText(shown, x, y);
    return context.measureText(shown).width;
  }

  /** A sentence around its figure, which is larger, or struck through where it was overwritten. */
  #sentence(
    { tone, before, figure, after }: Sentence,
    y: number,
    size: number,
    figureSize: number,
    colour: keyof Palette,
  ): void {
    // The rest is a list, and may be long.
    if (tone === 'rest') return void this.text(before, MARGIN, y, { size: size * 0.65, colour: 'ink-quiet' });
    const ink = tone === 'held' ? 'ink' : colour;
    const write = (words: string, from: number, px: number, of: keyof Palette) =>
      from + this.text(words, from, y, { size: px, colour: of, weight: 700, most: WIDTH - MARGIN - from });
    const from = write(before, MARGIN, size, ink);
    const px = this.#fitting(figure, figureSize, WIDTH - MARGIN - size - from);
    const to = write(figure, from, px, colour);
    if (tone === 'lost') this.#strike(from, to, y - px * 0.34, px);
    write(after, to, size, ink);
  }

  /** The size at which words fit that may not be cut, as figures. */
  #fitting(words: string, size: number, most: number, font = this.#fonts.text): number {
    this.#context.font = `700 ${size}px ${font}`;
    return Math.min(size, (size * most) / Math.max(1, this.#context.measureText(words).width));
  }

  /** With a gap in the figure, so that both can be read. */
  #strike(from: number, to: number, y: number, size: number): void {
    const context = this.#context;
    context.fillStyle = this.#palette.surface;
    context.fillRect(from - 6, y - size * 0.07, to - from + 12, size * 0.14);
    context.fillStyle = this.#palette.lost;
    context.fillRect(from - 6, y - size * 0.035, to - from + 12, size * 0.07);
  }

  #cells(cells: readonly Cell[], top: number, most: number, colour: keyof Palette): void {
    const pitch = cellPitch(cells.length, most);
    if (pitch === 0) return;
    const hatch = this.#context.createPattern(hatchTile(this.#palette.oversold, pitch * 0.25), 'repeat');
    const columns = columnsOf(pitch);
    for (const [place, cell] of cells.entries()) {
      const x = MARGIN + (place % columns) * pitch;
      const y = top + Math.floor(place / columns) * pitch;
      this.#cell(x, y, pitch * 0.84, cell, cell === 'shared' ? hatch : this.#palette[colour]);
    }
  }

  #cell(x: number, y: number, side: number, cell: Cell, fill: string | CanvasPattern | null): void {
    const context = this.#context;
    if (cell !== 'lost' && fill) {
      context.fillStyle = fill;
      context.fillRect(x, y, side, side);
    }
    if (cell === 'held') return;
    const line = Math.max(1.5, side * 0.08);
    const colour = this.#palette[cell === 'lost' ? 'lost' : 'oversold'];
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.strokeRect(x + line / 2, y + line / 2, side - line, side - line);
    if (cell === 'shared') return;
    context.fillStyle = colour;
    context.fillRect(x - side * 0.06, y + side * 0.44, side * 1.12, side * 0.12);
  }

  #mark(words: string): void {
    const style: Style = { size: 34, colour: 'surface', weight: 700, align: 'right' };
    const width = this.text(words, WIDTH - MARGIN - 20, 96, style) + 40;
    this.#context.fillStyle = this.#palette.ink;
    this.#context.fillRect(WIDTH - MARGIN - width, 56, width, 56);
    this.text(words, WIDTH - MARGIN - 20, 96, style);
  }

  #rule(y: number): void {
    this.#context.fillStyle = this.#palette.line;
    this.#context.fillRect(MARGIN, y, INNER, 2);
  }
}
