/** Frames: their intervals, and which events one has that cannot have all. */
import type { EventKind } from '#lib/domain/events.ts';
import type { ChainedEvent } from '#lib/domain/log.ts';
import type { Role } from '#lib/protocol/http.ts';
import { MAX_CROWD_EVENTS, MAX_PARTICIPANT_EVENTS } from '#lib/protocol/limits.ts';

/** Milliseconds between two frames. */
const STAGE_FRAME_MS = 50;
const PHONE_FRAME_MS = 100;
const CROWD_FRAME_MS = 250;
const HOUSE_FRAME_MS = 500;
/**
 * Number of phones from which on the slower rates apply: a frame to 5,000 takes a tenth of a second of the room's one
 * thread.
 */
const CROWD = 1_000;
const HOUSE = 3_000;
/** Kinds that a phone gets before allocations, because they change what its button does. */
const STRUCTURAL: ReadonlySet<EventKind> = new Set([
  'opened',
  'mode',
  'step',
  'held',
  'go',
  'guardrail',
  'locked',
  'reset',
  'drill',
  'closed',
]);

/** Milliseconds between two frames to an audience of so many sockets; `isBehind`: a crowd's room is late. */
export function frameMs(role: Role, connections: number, isBehind: boolean): number {
  if (role === 'presenter') return STAGE_FRAME_MS;
  if (connections > HOUSE) return HOUSE_FRAME_MS;
  return connections > CROWD || isBehind ? CROWD_FRAME_MS : PHONE_FRAME_MS;
}

/** Most events of a frame to so many phones. */
export function mostEvents(phones: number): number {
  return phones > CROWD ? MAX_CROWD_EVENTS : MAX_PARTICIPANT_EVENTS;
}

/**
 * At most `most` events, in order: first the {@link STRUCTURAL} ones, which are few, then the newest of the others.
 */
export function sample(events: readonly ChainedEvent[], most: number): readonly ChainedEvent[] {
  if (events.length <= most) return events;
  const structural = events.filter(({ event }) => STRUCTURAL.has(event.kind)).slice(-MAX_PARTICIPANT_EVENTS);
  const room = most - structural.length;
  const others = events.filter(({ event }) => !STRUCTURAL.has(event.kind));
  const newest = room > 0 ? others.slice(-room) : [];
  return [...structural, ...newest].sort((a, b) => a.event.seq - b.event.seq);
}
