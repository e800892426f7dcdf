/** Versions of the protocol (`welcome.v`, and `protocolVersion` of a log). */
import type { LaneId } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';

/** The newest version. It grows when a schema or the meaning of an event kind changes. */
export const PROTOCOL_VERSION = 2;

/**
 * The version that a room with these lanes speaks. It says nothing that version 1 cannot live with unless it has other lanes
 * than those two: so clients of version 1 go on in all others, and say here that they are too old.
 */
export function versionOf(lanes: readonly LaneId[]): number {
  return lanes.every((lane) => PAIR.includes(lane)) ? 1 : PROTOCOL_VERSION;
}

/** The version of a room's log: version 1 does not know what a hold is, and a verifier has to know every event. */
export function logVersionOf(lanes: readonly LaneId[], wasHeld: boolean): number {
  return wasHeld ? PROTOCOL_VERSION : versionOf(lanes);
}
