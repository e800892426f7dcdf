/** Frames: their intervals, and which events one has that cannot have all. */
import type { EventKind } from '#lib/domain/events.ts';
import type { ChainedEvent } from '#lib/domain/log.ts';
import type { Role } from '#lib/protocol/http.ts';
import {
  MAX_CROWD_EVENTS,
  MAX_PARTICIPANT_EVENTS,
  PARTICIPANT_EVENTS_PER_SECOND,
} from '#lib/protocol/limits.ts';

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
/**
 * Lanes whose state (1.1 kB) ten times a second leaves room for the events of a phone within 20 kB/s. Each more adds 0.4 kB, and the
 * events of an engine's lane are 430 bytes long: of a show of more lanes a phone gets fewer of both.
 */
const LANES_AT_FULL_RATE = 2;
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
export function frameMs(role: Role, connections: number, isBehind: boolean, lanes: number): number {
  if (role === 'presenter') return STAGE_FRAME_MS;
  if (connections > HOUSE) return HOUSE_FRAME_MS;
  const apartMs = connections > CROWD || isBehind ? CROWD_FRAME_MS : PHONE_FRAME_MS;
  return Math.min(HOUSE_FRAME_MS, Math.max(apartMs, (PHONE_FRAME_MS * lanes) / LANES_AT_FULL_RATE));
}

/** Events a second to a phone in a show of so many lanes. */
export function eventsPerSecond(lanes: number): number {
  return PARTICIPANT_EVENTS_PER_SECOND / (lanes > LANES_AT_FULL_RATE ? 2 : 1);
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
