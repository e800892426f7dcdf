/** Where things stand on the picture of somebody's tickets, pixels of its file. */

export const WIDTH = 1_080;
export const MARGIN = 72;
/** Between the margins. */
export const INNER = WIDTH - 2 * MARGIN;
/** Above the sections, and below them. */
export const HEAD = 300;
export const FOOT = 190;
/** Height of a line, by the size of its text. */
export const LINE = 1.3;
/** Least height between head and foot. */
const LEAST = 200;
/** Between two sections. */
const GAP = 70;
/** Between a section's words and its cells. */
export const ABOVE_CELLS = 30;
/** Largest and smallest cell with its gap; more units than fit are told by the figures alone. */
const CELL_MOST = 60;
const CELL_LEAST = 12;

/** Of every section: the figure of what is held, all other text, and the height for cells. */
export interface Sizes {
  figure: number;
  text: number;
  cells: number;
}

/** One product on one lane fills the picture; ten of them are a list. */
export function sizesFor(sections: number): Sizes {
  if (sections <= 1) return { figure: 300, text: 60, cells: 270 };
  return sections <= 3 ? { figure: 130, text: 46, cells: 140 } : { figure: 72, text: 36, cells: 0 };
}

/** Height of a section with `lines` sentences and `cells` units, with the space beneath it. */
export function sectionHeight(lines: number, cells: number, { figure, text, cells: most }: Sizes): number {
  const pitch = cellPitch(cells, most);
  const rows = pitch === 0 ? 0 : Math.ceil(cells / columnsOf(pitch)) * pitch + ABOVE_CELLS;
  return text + figure * 1.1 + (lines - 1) * text * LINE + rows + GAP;
}

/** Height of the whole picture. */
export function pictureHeight(sections: readonly number[]): number {
  return (
    HEAD +
    Math.max(
      LEAST,
      sections.reduce((sum, height) => sum + height, 0),
    ) +
    FOOT
  );
}

/** Side of a cell with its gap, so that `n` of them fit into `most` pixels of height; 0 when they do not. */
export function cellPitch(n: number, most: number): number {
  for (let pitch = CELL_MOST; n > 0 && pitch >= CELL_LEAST; pitch -= 2) {
    if (Math.ceil(n / columnsOf(pitch)) * pitch <= most) return pitch;
  }
  return 0;
}

/** Cells in a row. */
export function columnsOf(pitch: number): number {
  return Math.floor(INNER / pitch);
}
