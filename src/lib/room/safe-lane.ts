/** The safe lane: check and count in one synchronous step inside the room, which nothing can interleave. */
import { fits } from '#lib/domain/write.ts';
import type { ImmediateLane } from './lane.ts';

/** The safe lane: all or nothing per op, never beyond capacity. */
export const safeLane: ImmediateLane = {
  id: 'safe',
  answers: 'now',
  refusal: (lane, capacity, units) => (fits(lane.acknowledged, capacity, units) ? null : 'OUT_OF_STOCK'),
};
