/**
 * Layout of a unit grid: a block for the units that exist, and below it a block for units sold beyond them. Cells shrink to make
 * room; when they would be too small to see, one cell stands for several units.
 */

/** What has to fit, in CSS pixels and units. */
export interface GridSpace {
  width: number;
  height: number;
  capacity: number;
  /** Units beyond capacity for which room is kept. */
  overflow: number;
  /** Side of the smallest cell that is still seen from the back row. */
  smallest: number;
  /** Side of the largest cell, so that a grid of one unit is not huge. */
  largest: number;
}

/** Sizes in CSS pixels; a cell's side without its gap is `cell − gap`. */
export interface GridLayout {
  unitsPerCell: number;
  columns: number;
  /** From one cell to the next. */
  cell: number;
  gap: number;
  /** Cells of the block that exists. */
  inside: number;
  /** Top of the overflow block. */
  overTop: number;
  /** Cells that fit below `overTop`. */
  room: number;
}

/** What one cell may stand for. */
const UNITS_PER_CELL = [1, 2, 5]
  .flatMap((digit) => [0, 1, 2, 3, 4, 5].map((power) => digit * 10 ** power))
  .sort((a, b) => a - b);
/** Distance between the two blocks, in cells. */
const SPLIT = 0.6;
/** How much more room is made when the overflow outgrows it. */
const ROOM_GROWTH = 1.4;
/** A rounder number of columns is worth this much of a cell's size: rows of ten can be counted. */
const COUNTABLE = 0.9;

/** Cells to reserve for the overflow: half the capacity at first, then in steps, so that the layout rarely changes. */
export function overflowRoom(overflow: number, capacity: number): number {
  let room = Math.max(1, Math.ceil(capacity / 2));
  while (room < overflow) room = Math.ceil(room * ROOM_GROWTH);
  return room;
}

/** The layout with the largest cells that fits. */
export function gridLayout(space: GridSpace): GridLayout {
  for (const unitsPerCell of UNITS_PER_CELL) {
    const layout = layoutOf(space, unitsPerCell);
    if (layout.cell >= space.smallest) return layout;
  }
  return layoutOf(space, UNITS_PER_CELL.at(-1)!);
}

function layoutOf(space: GridSpace, unitsPerCell: number): GridLayout {
  const inside = Math.ceil(space.capacity / unitsPerCell);
  const over = Math.ceil(space.overflow / unitsPerCell);
  const best = largestCell(space, inside, over);
  const cell = Math.min(best, space.largest);
  const columns = columnsFor(space, Math.max(inside, over), cell);
  const side = Math.min(space.largest, space.width / columns);
  const fits = rowsHigh(inside, over, columns) * side <= space.height ? side : cell;
  const overTop = (Math.ceil(inside / columns) + SPLIT) * fits;
  return {
    unitsPerCell,
    columns,
    cell: fits,
    gap: Math.max(1, fits * 0.15),
    inside,
    overTop,
    room: Math.max(0, Math.floor((space.height - overTop) / fits + 1e-9)) * columns,
  };
}

/**
 * Side of the largest square of which all rows fit. Fewer columns make larger cells until they no longer
 * fit below one another.
 */
function largestCell(space: GridSpace, inside: number, over: number): number {
  let low = 0;
  let high = Math.max(space.width, space.height);
  for (let turn = 0; turn < 40; turn++) {
    const middle = (low + high) / 2;
    const columns = Math.floor(space.width / middle);
    const fits = columns > 0 && rowsHigh(inside, over, columns) * middle <= space.height;
    if (fits) low = middle;
    else high = middle;
  }
  return low;
}

/** Number of columns: as many as fit, or a few less or more when that makes rows of ten and costs little size. */
function columnsFor(space: GridSpace, longest: number, cell: number): number {
  const most = Math.max(1, Math.floor(space.width / cell + 1e-9));
  if (longest <= most) return Math.max(1, longest);
  for (const round of [10, 5]) {
    const columns = Math.ceil(most / round) * round;
    if (columns <= longest && space.width / columns >= cell * COUNTABLE) return columns;
  }
  return most;
}

function rowsHigh(inside: number, over: number, columns: number): number {
  const below = over === 0 ? 0 : SPLIT + Math.ceil(over / columns);
  return Math.ceil(inside / columns) + below;
}
