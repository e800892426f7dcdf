/**
 * What is drawn of one lane in one epoch: its cells, the unit that crossed the line of what exists, and who holds units
 * beyond it. It keeps names of people only: orders are forgotten, because a show lasts for hours.
 */
import type { AllocatedBody } from '#lib/domain/events.ts';
import { UnitCells } from './unit-cells.ts';

/** Who was given a unit, and when; Unix milliseconds. */
interface Given {
  who: string;
  atMs: number;
}

/** The first units of an epoch that do not exist, by the log. */
export interface Crossing extends Given {
  /** Number of the first of them, counted in the order in which they were acknowledged: one more than exist. */
  unit: number;
  /** Number of the last one of the same order; equal to `unit` for an order of one. */
  lastUnit: number;
  /** True when it was a simulated shopper's. */
  sim: boolean;
  /** Who got the last unit that exists; null when the same order took that one too. */
  before: Given | null;
  /** What the order had read of the lane's counter, in units; null on lanes that do not say what they read. */
  read: number | null;
  /** What the counter said after it, in units. */
  counter: number;
  /** True when the screen was told of it as it happened, and did not read it in the log afterwards. */
  live: boolean;
}

/** Units of a lane beyond what exists, and how many distinct people hold one; `sim` of them are simulated shoppers. */
export interface Owed {
  units: number;
  people: number;
  sim: number;
}

/** One lane's drawings in one epoch. */
export interface LaneHistory {
  readonly cells: UnitCells;
  /** Units that simulated shoppers were given. */
  readonly simUnits: number;
  /** Null while no unit beyond the line was given. */
  readonly crossing: Crossing | null;
  readonly owed: Owed;
  /** Answers that the screen was told of as they came: sales, and refusals because nothing was left. */
  readonly answers: number;
}

/** One more order of a lane, and how the lane stood after it. */
export interface Order {
  body: AllocatedBody;
  /** Unix milliseconds. */
  atMs: number;
  /** Units of the lane after it: acknowledged, by its counter, and those that exist. */
  acknowledged: number;
  stored: number;
  capacity: number;
  /** See {@link Crossing.live}. */
  live: boolean;
}

/** The drawings of one lane in one epoch, grown in place by its `allocated` events; a new epoch gets a new one. */
export class LaneDrawings implements LaneHistory {
  readonly cells = new UnitCells();
  simUnits = 0;
  crossing: Crossing | null = null;
  answers = 0;
  #units = 0;
  #sim = 0;
  readonly #owedTo = new Set<string>();
  /** The newest order, for as long as nothing has crossed. */
  #newest: Given | null = null;

  get owed(): Owed {
    return { units: this.#units, people: this.#owedTo.size, sim: this.#sim };
  }

  /** The next order. */
  take(order: Order): void {
    const { body, acknowledged, capacity } = order;
    if (order.live) this.answers += 1;
    // Only what was written blindly can be lost, and is found again by its name.
    this.cells.add(body.version === undefined ? null : body.op, body.units);
    if (body.sim) this.simUnits += body.units;
    this.#units = Math.max(0, acknowledged - capacity);
    if (this.#units > 0) this.#owe(body);
    if (this.#units > 0) this.crossing ??= crossingOf(order, this.#newest);
    else this.#newest = { who: body.who, atMs: order.atMs };
  }

  #owe({ who, sim }: AllocatedBody): void {
    if (sim && !this.#owedTo.has(who)) this.#sim += 1;
    this.#owedTo.add(who);
  }
}

function crossingOf(
  { body, atMs, acknowledged, stored, capacity, live }: Order,
  newest: Given | null,
): Crossing {
  const { who, units, sim = false, readAllocated: read = null } = body;
  const tookLast = acknowledged - units < capacity;
  const before = tookLast ? null : newest;
  return { unit: capacity + 1, lastUnit: acknowledged, who, sim, atMs, before, read, counter: stored, live };
}
