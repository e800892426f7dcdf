/** Limits of the public contract, each with its reason. */

/** Largest HTTP body, bytes: every call fits many times over. */
export const MAX_BODY_BYTES = 10_000;
/** Largest WebSocket message, bytes. */
export const MAX_MESSAGE_BYTES = 4_096;
/** Malformed messages after which a socket is closed: a broken client, not a slip. */
export const MAX_MALFORMED = 10;
/** Messages a second that a session may send on all of its sockets, and for how long more: thumbs stay far below it. */
export const FLOOD_PER_SECOND = 20;
export const FLOOD_SECONDS = 2;
/** While a room does not come to rest, who is refused so many ops a second and goes on presses it, and is closed sooner. */
export const PRESSING_PER_SECOND = 10;
export const PRESSING_SECONDS = 3;
/** Events a reconnecting client may have missed and still get one by one. */
export const MAX_RESUME_EVENTS = 300;
/** Events in one frame to a participant: a phone draws no more than this between two frames. */
export const MAX_PARTICIPANT_EVENTS = 16;
/** The same in a crowd: until it is sent, a frame stands in the room's memory once for each phone. */
export const MAX_CROWD_EVENTS = 4;
/** Events a second to a participant while many happen: at some 250 bytes each, what 20 kB/s leave beside ten states. */
export const PARTICIPANT_EVENTS_PER_SECOND = 30;
/** Sockets that one session may have in a room: a phone's tabs, and a presenter's screens; some not known to be gone yet. */
export const MAX_SOCKETS_PER_PARTICIPANT = 4;
export const MAX_SOCKETS_PER_PRESENTER = 10;
/**
 * A client that has been sent something and gives no sign of life (a message, a ping) for so long, milliseconds, or so many
 * bytes is not read by anybody; what it has not taken stands in memory, because a room cannot see its sockets' buffers. At
 * the 20 kB/s that a phone is sent at most, the bytes are as long as the minute.
 */
export const MAX_SILENT_MS = 60_000;
export const MAX_SILENT_BYTES = 1_000_000;
/** The same of a client that does give signs of life, but never says `seen`: four minutes of the fullest room, bytes. */
export const MAX_UNSEEN_BYTES = 4_000_000;
/** Both of a presenter, who gets every event and may have a program take them down without a word: a room has few of those. */
export const MAX_PRESENTER_BYTES = 64_000_000;
/** Readers of a room's log at once: each holds a stored run and a page of it in the room's memory, half a megabyte at worst. */
export const MAX_LOG_READERS = 16;
/** Of them of one session (its file, and a second try), and of those without one at one address, which may be a hall. */
export const MAX_LOG_READERS_PER_SESSION = 2;
export const MAX_LOG_READERS_PER_ADDRESS = 4;
/** A reader that takes nothing for so long is let go, milliseconds. */
export const LOG_READ_WITHIN_MS = 8_000;
export { MAX_UNITS } from '#lib/domain/bounds.ts';
/** Simulated shoppers in one rush. */
export const MAX_RUSH = 500;
/** SKUs in one show. */
export const MAX_SKUS = 5;
/** How often a client tells how far it has applied, milliseconds: at most every 2 s by contract; each is billed. */
export const SEEN_INTERVAL_MS = 4_000;
/** Events, or milliseconds, that a socket may lag behind its own `seen` before it is closed. */
export const MAX_LAG_EVENTS = 1_000;
export const MAX_LAG_MS = 10_000;
