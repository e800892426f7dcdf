/** Paints the cells of a unit grid: only those that changed since the last time, each as it now is. */
import { hatchTile } from './palette.ts';
import type { Palette } from './palette.ts';
import type { GridLayout } from './unit-grid-layout.ts';

/** States of units in the order of acknowledgement: 1 is in the counter, 2 is lost from it. */
export interface UnitStates {
  readonly length: number;
  readonly lost: number;
  readonly states: Uint8Array;
  readonly changes: number;
  changedSince(changes: number): readonly (readonly [from: number, to: number])[] | null;
}

const LOST = 2;

/** What a cell shows: how many of its units are kept and lost, and of how many. */
interface CellFigure {
  of: number;
  kept: number;
  lost: number;
}

/** A canvas that shows one lane's units. */
export class UnitGridPainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #layout: GridLayout;
  readonly #palette: Palette;
  readonly #colour: string;
  readonly #capacity: number;
  readonly #hatch: CanvasPattern | null;
  /** Signature of what each cell shows; −1 before the first paint. */
  #shown: Int32Array;
  /** How far it is, and of whom: the changes that the canvas shows. */
  #painted: { units: UnitStates; changes: number } | null = null;

  constructor(
    context: CanvasRenderingContext2D,
    layout: GridLayout,
    palette: Palette,
    lane: { colour: string; capacity: number },
  ) {
    this.#context = context;
    this.#layout = layout;
    this.#palette = palette;
    this.#colour = lane.colour;
    this.#capacity = lane.capacity;
    const ratio = context.getTransform().a;
    this.#hatch = context.createPattern(
      hatchTile(palette.oversold, Math.max(4, layout.cell * ratio * 0.3)),
      'repeat',
    );
    // A pattern follows the context's scale; its tile was made in device pixels.
    this.#hatch?.setTransform(new DOMMatrix().scale(1 / ratio));
    this.#shown = new Int32Array(layout.inside + layout.room).fill(-1);
  }

  /** Updates the canvas, in time that depends on the changed units only. */
  paint(units: UnitStates): void {
    const changed = this.#painted?.units === units ? units.changedSince(this.#painted.changes) : null;
    this.#painted = { units, changes: units.changes };
    // Read once: it is a new view of the memory each time.
    const { states } = units;
    if (changed === null) {
      const { inside, room, unitsPerCell } = this.#layout;
      const beyond = Math.ceil(Math.max(0, units.length - this.#capacity) / unitsPerCell);
      const cells = inside + Math.min(room, beyond);
      for (let cell = 0; cell < cells; cell++) this.#refresh(cell, states);
      return;
    }
    const cells = new Set<number>();
    for (const [from, to] of changed) {
      for (let cell = this.#cellOf(from); cell <= this.#cellOf(to - 1); cell++) cells.add(cell);
    }
    for (const cell of cells) this.#refresh(cell, states);
  }

  #cellOf(unit: number): number {
    const { inside, unitsPerCell } = this.#layout;
    return unit < this.#capacity
      ? Math.floor(unit / unitsPerCell)
      : inside + Math.floor((unit - this.#capacity) / unitsPerCell);
  }

  #refresh(cell: number, states: Uint8Array): void {
    // Beyond the room that was made for it nothing is shown until there is more.
    if (cell >= this.#shown.length) return;
    const figure = this.#figureOf(cell, states);
    const signature = figure.kept * 40_000 + figure.lost;
    if (this.#shown[cell] === signature) return;
    this.#shown[cell] = signature;
    this.#paintCell(cell, figure);
  }

  /** Units of a cell: the block that exists ends at capacity, the overflow starts with a cell of its own. */
  #figureOf(cell: number, states: Uint8Array): CellFigure {
    const { inside, unitsPerCell } = this.#layout;
    const isOver = cell >= inside;
    const from = isOver ? this.#capacity + (cell - inside) * unitsPerCell : cell * unitsPerCell;
    const to = isOver ? from + unitsPerCell : Math.min(from + unitsPerCell, this.#capacity);
    let lost = 0;
    const filled = Math.max(0, Math.min(to, states.length) - from);
    for (let unit = from; unit < from + filled; unit++) if (states[unit] === LOST) lost += 1;
    return { of: to - from, kept: filled - lost, lost };
  }

  #paintCell(cell: number, { of, kept, lost }: CellFigure): void {
    const { columns, cell: pitch, gap, inside, overTop } = this.#layout;
    const isOver = cell >= inside;
    const place = isOver ? cell - inside : cell;
    const x = (place % columns) * pitch;
    const y = Math.floor(place / columns) * pitch + (isOver ? overTop : 0);
    const side = pitch - gap;
    const context = this.#context;
    context.clearRect(x - gap / 2, y - gap / 2, pitch, pitch);
    context.save();
    context.beginPath();
    context.roundRect(x, y, side, side, side * 0.16);
    context.clip();
    if (isOver) this.#fillOver(x, y, side, (kept + lost) / of);
    else {
      context.fillStyle = this.#colour;
      context.fillRect(x, y, (side * kept) / of, side);
    }
    context.restore();
    if (lost > 0) this.#paintLost(x + (side * kept) / of, y, (side * lost) / of, side, isOver);
    if (kept + lost < of && !isOver) this.#outline(x, y, side, this.#palette.line);
    if (isOver && side >= 5) this.#outline(x, y, side, this.#palette.oversold);
  }

  #fillOver(x: number, y: number, side: number, share: number): void {
    const context = this.#context;
    context.fillStyle = this.#hatch && side >= 5 ? this.#hatch : this.#palette.oversold;
    context.fillRect(x, y, side * share, side);
  }

  /** Overwritten: an empty place where a unit was, in violet and struck through. */
  #paintLost(x: number, y: number, width: number, side: number, isOver: boolean): void {
    const context = this.#context;
    context.save();
    context.strokeStyle = this.#palette.lost;
    context.fillStyle = this.#palette.lost;
    if (!isOver) {
      context.globalAlpha = 0.28;
      context.beginPath();
      context.roundRect(x, y, width, side, Math.min(width, side) * 0.16);
      context.fill();
      context.globalAlpha = 1;
    }
    context.lineWidth = Math.max(1, side * 0.13);
    context.lineCap = 'round';
    const inset = side * 0.18;
    context.beginPath();
    context.moveTo(x + Math.min(inset, width / 2), y + side - inset);
    context.lineTo(x + width - Math.min(inset, width / 2), y + inset);
    context.stroke();
    context.restore();
  }

  #outline(x: number, y: number, side: number, colour: string): void {
    const context = this.#context;
    const width = Math.max(0.75, Math.min(2, side * 0.06));
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.roundRect(x + width / 2, y + width / 2, side - width, side - width, side * 0.16);
    context.stroke();
  }
}
