/** The engines that run for these tests, and the lanes that sell in them. What does not run was named when the tests began. */
import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import { isOwn } from '#lib/domain/engines.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { LANES } from '#lib/domain/lanes.ts';
import type { Order } from '#lib/room/lane.ts';
import { connectedEngines } from '#server/config.ts';
import { engineLaneName } from '#server/engines/engine-rpc.ts';
import { siteLane } from '#server/engines/site-lanes.ts';

/** The engines of these tests' Worker. */
export const ENGINES_HERE = connectedEngines(env);

/** Every lane of an engine that runs. */
export const LANES_HERE: readonly LaneId[] = LANE_IDS.filter(
  (lane) => !isOwn(lane) && siteLane(ENGINES_HERE, lane).engine.label !== 'NOT CONNECTED',
);

/** True for a lane that sells too much whenever its buyers meet; a lock does so only where it is too short for its holder. */
export function isBlind(lane: LaneId): boolean {
  return LANES[lane].canOversell && lane !== 'redis-lock';
}

/** The object of a lane at a distance. */
export function objectOf(lane: LaneId, distanceMs = 0) {
  return env.ENGINE_LANE.getByName(engineLaneName(lane, distanceMs));
}

/** A room's shelf on one lane, stocked, and orders of it. */
export class Shelf {
  readonly lane: LaneId;
  readonly room: { show: string; sku: string; epoch: number; capacity: number };

  private constructor(lane: LaneId, capacity: number) {
    this.lane = lane;
    this.room = { show: crypto.randomUUID(), sku: 'ticket', epoch: 1, capacity };
  }

  static async stocked(lane: LaneId, capacity: number): Promise<Shelf> {
    const shelf = new Shelf(lane, capacity);
    expect(await objectOf(lane).health(true)).toMatchObject({ ok: true });
    await objectOf(lane).open(shelf.room);
    return shelf;
  }

  /** An order of one unit in an epoch, with an op of its own unless one is given. */
  order(op: string = crypto.randomUUID(), epoch = 1, distanceMs = 0): Order {
    const { show, sku } = this.room;
    return {
      lane: this.lane,
      show,
      sku,
      epoch,
      distanceMs,
      buyer: { op, who: `owner of ${op.slice(0, 4)}`, units: 1, sim: false },
    };
  }

  /** What the lane's object makes of an order. */
  async sell(order = this.order(), { again = false, pauseMs = 20 } = {}) {
    return await objectOf(this.lane, order.distanceMs).carryOut(order, again, pauseMs);
  }

  /** The rows of an epoch in the order of their versions, as reconciliation reads them. */
  async writes(epoch = 1) {
    const { writes } = await objectOf(this.lane).writesAfter({ ...this.room, epoch }, 0);
    return writes.map(({ write }) => write);
  }

  /** The counter of an epoch. */
  async counter(epoch = 1) {
    return (await objectOf(this.lane).counter({ ...this.room, epoch })).inventory;
  }

  /** Every row of all epochs, voids too, as the recount reads them: page by page. */
  async rows() {
    const found = [];
    for (let op = '', isLast = false; !isLast;) {
      const page = await objectOf(this.lane).rowsBehind(this.room, op);
      found.push(...page.rows);
      op = page.rows.at(-1)?.op ?? '';
      isLast = page.isLast;
    }
    return found;
  }
}

/** Something so many times at once. */
export function atOnce<T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => work(index)));
}
