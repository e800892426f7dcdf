/** The Worker's access to a show's rooms. */
import { roomName } from '#lib/protocol/paths.ts';
import type { Env } from './env.ts';
import type { RoomRpc } from './room/room-rpc.ts';

/**
 * The stub of a room. A room is ready once it is constructed, so it is called directly: partyserver's
 * `getServerByName` makes two requests for each call, and both are billed.
 */
export function roomOf(env: Pick<Env, 'ROOM'>, show: string, skuId: string): RoomRpc {
  return env.ROOM.getByName(roomName(show, skuId));
}

/**
 * Changes a show's end in D1 and tells its rooms. The intent is stored first, in the first room, which is told last: if this
 * Worker dies in between, that room asks D1 and tells the others.
 */
export async function changeLife<T>(
  env: Env,
  show: string,
  skuIds: readonly string[],
  inD1: () => Promise<T>,
  tell: (room: RoomRpc, changed: T) => Promise<void> | undefined,
): Promise<T> {
  const [first, ...others] = skuIds;
  if (first === undefined) return inD1();
  await roomOf(env, show, first).watchEnd();
  const changed = await inD1();
  await inRooms(env, show, others, async (room) => tell(room, changed));
  await tell(roomOf(env, show, first), changed);
  return changed;
}

/** Calls several rooms of a show at the same time; results are in the order of the SKUs. */
export function inRooms<T>(
  env: Pick<Env, 'ROOM'>,
  show: string,
  skuIds: readonly string[],
  work: (room: RoomRpc, skuId: string) => Promise<T>,
): Promise<T[]> {
  return Promise.all(skuIds.map((skuId) => work(roomOf(env, show, skuId), skuId)));
}
