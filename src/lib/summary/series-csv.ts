/**
 * A room's log as a table for spreadsheets: one row for each lane at its start and after each allocation on it, exactly as
 * the log has it. docs/summary.md documents the columns. RFC 4180, lines end with CR LF. Where the comma is the decimal
 * sign, spreadsheets separate cells by semicolons.
 */
import { engineIn } from '#lib/domain/engines.ts';
import type { EventBodies, RoomEvent } from '#lib/domain/events.ts';
import { byLane } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { ByLane, LaneId } from '#lib/domain/lane.ts';
import { countEvent, emptyTotals } from '#lib/domain/lane-totals.ts';
import type { LaneTotals } from '#lib/domain/lane-totals.ts';
import type { Work } from '#lib/domain/work.ts';

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
  'engine',
  'label',
  'distanceMs',
  'attempts',
  'retries',
  'roundTrips',
] as const;

/** Texts that a spreadsheet would run as a formula, or that would end the row. */
const FORMULA = /^[=+\-@\t\r\n]/;

type Cell = string | number;

/** The separator of cells. */
export type Separator = ',' | ';';

/** Makes the table, event by event, in their order. */
export class SeriesCsv {
  readonly #separator: Separator;
  #opened: EventBodies['opened'] | null = null;
  #lanes: ByLane<LaneTotals> = {};
  #distances: ByLane<number> = {};

  constructor(separator: Separator = ',') {
    this.#separator = separator;
  }

  /** The first line. */
  get header(): string {
    return rowOf(CSV_COLUMNS, this.#separator);
  }

  /** The rows of the next event, with their line ends; '' when it changes no counter. */
  take(event: RoomEvent): string {
    if (event.kind === 'opened') this.#opened = event.body;
    if (event.kind === 'distance') this.#distances[event.body.lane] = event.body.ms;
    if (event.kind === 'opened' || event.kind === 'reset') {
      const lanes = this.#opened?.lanes ?? [];
      this.#lanes = byLane(lanes, emptyTotals);
      return lanes.map((lane) => this.#row(event, lane, ['', '', '', 0], ['', '', ''])).join('');
    }
    if (event.kind !== 'allocated') return '';
    const { lane, op, who, sim, units } = event.body;
    countEvent(this.#lanes, event);
    return this.#row(event, lane, [op, who, sim ? 'SIMULATED' : '', units], workCells(event.body));
  }

  #row(event: RoomEvent, lane: LaneId, order: readonly Cell[], work: readonly Cell[]): string {
    if (!this.#opened) return '';
    const { acknowledged, stored } = ofLane(this.#lanes, lane);
    const { show, sku } = this.#opened;
    const { capacity } = sku;
    const { name, label } = engineIn(this.#opened, lane);
    const cells = [
      show,
      sku.id,
      sku.name,
      event.seq,
      new Date(event.atMs).toISOString(),
      event.atMs,
      event.epoch,
      lane,
      event.kind,
      ...order,
      acknowledged,
      stored,
      acknowledged - stored,
      capacity,
      Math.max(0, acknowledged - capacity),
      name,
      label,
      this.#distances[lane] ?? 0,
      ...work,
    ];
    return rowOf(cells, this.#separator);
  }
}

/** What an allocation tells of its work: attempts, retries of any cause, round trips; empty where it tells none. */
function workCells({ attempts, roundTrips, retries = {} }: Partial<Work>): Cell[] {
  if (attempts === undefined || roundTrips === undefined) return ['', '', ''];
  return [attempts, Object.values(retries).reduce((sum, times) => sum + times, 0), roundTrips];
}

function rowOf(cells: readonly Cell[], separator: Separator): string {
  return `${cells.map(cellOf).join(separator)}\r\n`;
}

/**
 * A cell's text. One that a spreadsheet would run as a formula gets an apostrophe in front, which makes it text; some programs
 * also run full-width signs such as ＝.
 */
function cellOf(cell: Cell): string {
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell.normalize('NFKC')) ? `'${cell}` : cell;
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
