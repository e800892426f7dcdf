/**
 * A room's log as a table for spreadsheets: one row for each lane at its start and after each allocation on it, exactly as
 * the log has it. docs/summary.md documents the columns. RFC 4180, lines end with CR LF. Where the comma is the decimal
 * sign, spreadsheets separate cells by semicolons.
 */
import type { RoomEvent, Sku } from '#lib/domain/events.ts';
import { byLane } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { ByLane, LaneId } from '#lib/domain/lane.ts';
import { countEvent, emptyTotals } from '#lib/domain/lane-totals.ts';
import type { LaneTotals } from '#lib/domain/lane-totals.ts';

/** In the order of the table. */
export const CSV_COLUMNS = [
  'show',
  'sku',
  'name',
  'seq',
  'time',
  'atMs',
  'epoch',
  'lane',
  'event',
  'op',
  'who',
  'simulated',
  'units',
  'acknowledged',
  'stored',
  'lost',
  'capacity',
  'oversold',
] as const;

/** Texts that a spreadsheet would run as a formula, or that would end the row. */
const FORMULA = /^[=+\-@\t\r\n]/;

/** The separator of cells. */
export type Separator = ',' | ';';

/** Makes the table, event by event, in their order. */
export class SeriesCsv {
  readonly #separator: Separator;
  #show = '';
  #sku: Sku | null = null;
  #shown: readonly LaneId[] = [];
  #lanes: ByLane<LaneTotals> = {};

  constructor(separator: Separator = ',') {
    this.#separator = separator;
  }

  /** The first line. */
  get header(): string {
    return rowOf(CSV_COLUMNS, this.#separator);
  }

  /** The rows of the next event, with their line ends; '' when it changes no counter. */
  take(event: RoomEvent): string {
    if (event.kind === 'opened') {
      this.#show = event.body.show;
      this.#sku = event.body.sku;
      this.#shown = event.body.lanes;
    }
    if (event.kind === 'opened' || event.kind === 'reset') {
      this.#lanes = byLane(this.#shown, emptyTotals);
      return this.#shown.map((lane) => this.#row(event, lane, '', '', '', 0)).join('');
    }
    if (event.kind !== 'allocated') return '';
    const { lane, op, who, sim, units } = event.body;
    countEvent(this.#lanes, event);
    return this.#row(event, lane, op, who, sim ? 'SIMULATED' : '', units);
  }

  #row(event: RoomEvent, lane: LaneId, op: string, who: string, sim: string, units: number): string {
    const { acknowledged, stored } = ofLane(this.#lanes, lane);
    const capacity = this.#sku?.capacity ?? 0;
    const cells = [
      this.#show,
      this.#sku?.id ?? '',
      this.#sku?.name ?? '',
      event.seq,
      new Date(event.atMs).toISOString(),
      event.atMs,
      event.epoch,
      lane,
      event.kind,
      op,
      who,
      sim,
      units,
      acknowledged,
      stored,
      acknowledged - stored,
      capacity,
      Math.max(0, acknowledged - capacity),
    ];
    return rowOf(cells, this.#separator);
  }
}

function rowOf(cells: readonly (string | number)[], separator: Separator): string {
  return `${cells.map(cellOf).join(separator)}\r\n`;
}

/**
 * A cell's text. One that a spreadsheet would run as a formula gets an apostrophe in front, which makes it text; some programs
 * also run full-width signs such as ＝.
 */
function cellOf(cell: string | number): string {
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell.normalize('NFKC')) ? `'${cell}` : cell;
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
