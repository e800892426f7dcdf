/** A lane whose engine is behind an object of its own: the room calls the object, and what it does not hear is not known. */
import type { LaneId } from '#lib/domain/lane.ts';
import { addCounts } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { EngineRpc } from '../engines/engine-rpc.ts';
import type { StoredLane } from './stored-lane.ts';

/** An order that is not answered for so long is looked up, milliseconds: longer than the object lets one wait and work. */
const ORDER_WITHIN_MS = 40_000;
/** The same for what reads or changes the rows as a whole. */
const CALL_WITHIN_MS = 60_000;

/**
 * The lane with an id. Orders go to the object of their distance; what is asked of the rows beside goes to the nearest.
 * @param at the lane's object at a distance in milliseconds
 * @param pauseMs the race window of the room
 */
export function remoteLane(id: LaneId, at: (distanceMs: number) => EngineRpc, pauseMs: number): StoredLane {
  const near = () => at(0);
  return {
    id,
    carryOut: (order, again) =>
      called(within(ORDER_WITHIN_MS, at(order.distanceMs).carryOut(order, again, pauseMs))),
    open: async (room) => billed(await within(CALL_WITHIN_MS, near().open(room))),
    fence: async (room) => billed(await within(CALL_WITHIN_MS, near().fence(room))),
    writesAfter: (room, version) => called(within(CALL_WITHIN_MS, near().writesAfter(room, version))),
    rowsBehind: (room, op) => called(within(CALL_WITHIN_MS, near().rowsBehind(room, op))),
    forget: (room) => within(CALL_WITHIN_MS, near().forget(room)),
    counter: (room) => called(within(CALL_WITHIN_MS, near().counter(room))),
  };
}

/** What a call brought, with the call itself. */
async function called<T extends { spent: MeterCounts }>(answer: Promise<T>): Promise<T> {
  const found = await answer;
  return { ...found, spent: billed(found.spent) };
}

/** A call of an object is billed as one request. */
function billed(spent: MeterCounts): MeterCounts {
  const all: MeterCounts = { 'do.request': 1 };
  addCounts(all, spent);
  return all;
}

/** Rejects when the answer does not come in time. */
function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The lane's object was silent for ${ms} ms.`)), ms);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
