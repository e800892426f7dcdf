/** A lane whose engine is behind an object of its own: the room calls the object, and what it does not hear is not known. */
import type { LaneId } from '#lib/domain/lane.ts';
import { addCounts } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { EngineRpc } from '../engines/engine-rpc.ts';
import type { StoredLane } from './stored-lane.ts';

/** What is not answered for so long is not known, milliseconds: longer than the object lets a call wait and work. */
const WITHIN_MS = 60_000;

/**
 * The lane with an id. Orders go to the object of their distance; what is asked of the rows beside goes to the nearest.
 * @param at the lane's object at a distance in milliseconds
 * @param pauseMs the race window of the room
 */
export function remoteLane(id: LaneId, at: (distanceMs: number) => EngineRpc, pauseMs: number): StoredLane {
  const near = () => at(0);
  return {
    id,
    carryOut: (order, again) => called(within(at(order.distanceMs).carryOut(order, again, pauseMs))),
    open: async (room) => billed(await within(near().open(room))),
    fence: async (room) => billed(await within(near().fence(room))),
    writesAfter: (room, version) => called(within(near().writesAfter(room, version))),
    rowsBehind: (room, op) => called(within(near().rowsBehind(room, op))),
    forget: (room) => within(near().forget(room)),
    counter: (room) => called(within(near().counter(room))),
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
function within<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The lane's object was silent for ${WITHIN_MS} ms.`)),
      WITHIN_MS,
    );
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
