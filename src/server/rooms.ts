/** The way from the Worker to a show's rooms. */
import { roomName } from '#lib/protocol/paths.ts';
import type { Env } from './env.ts';
import type { RoomPort } from './room/port.ts';

/**
 * The room of a show and a SKU. It is ready once it is constructed, so it is called directly: partyserver's
 * `getServerByName` would ask it twice, and be billed twice, for each call.
 */
export function roomOf(env: Env, show: string, skuId: string): RoomPort {
  return env.ROOM.getByName(roomName(show, skuId));
}

/** Does the same in several rooms of a show at once; answers in the order of the SKUs. */
export function inRooms<T>(
  env: Env,
  show: string,
  skuIds: readonly string[],
  work: (room: RoomPort, skuId: string) => Promise<T>,
): Promise<T[]> {
  return Promise.all(skuIds.map((skuId) => work(roomOf(env, show, skuId), skuId)));
}
