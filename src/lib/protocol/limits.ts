/**
 * Limits of the public contract, each with its reason. They are this project's own choice; what the platform allows is higher
 * (developers.cloudflare.com/durable-objects/platform/limits, read in 2026-11: 32 MiB a message, 2 MB a row).
 */

/** Largest HTTP body, bytes: every call fits many times over. */
export const MAX_BODY_BYTES = 10_000;
/** Largest WebSocket message that a client may send, bytes: the longest message of the contract is a few hundred. */
export const MAX_MESSAGE_BYTES = 4_096;
/** Malformed messages after which a socket is closed: a single one may be a slip, this many are a broken client. */
export const MAX_MALFORMED = 10;
/** A session that sends more messages a second than this for this many seconds is closed; fingers stay far below. */
export const FLOOD_PER_SECOND = 20;
export const FLOOD_SECONDS = 2;
/** In a late room, a session that has more ops refused a second than this for this many seconds is closed. */
export const PRESSING_PER_SECOND = 10;
export const PRESSING_SECONDS = 3;
/** Events that a returning client may have missed and still get one by one; beyond them it gets a snapshot. */
export const MAX_RESUME_EVENTS = 300;
/** Events in one frame to a participant: a phone draws no more than this between two frames. */
export const MAX_PARTICIPANT_EVENTS = 16;
/** The same above 1,000 phones, because a frame waits in the room's memory once for each phone until it is sent. */
export const MAX_CROWD_EVENTS = 4;
/** Events a second to a participant: at some 250 bytes each they and ten states a second fit into 20 kB/s. */
export const PARTICIPANT_EVENTS_PER_SECOND = 30;
/** Sockets of one session in a room: a phone's tabs or a presenter's screens, and some whose end was not noticed yet. */
export const MAX_SOCKETS_PER_PARTICIPANT = 4;
export const MAX_SOCKETS_PER_PRESENTER = 10;
/** Pages that may show figures of one room by a show's embed code at once; one more is closed and comes back later. */
export const MAX_READERS = 40;
/**
 * A participant that was sent something and then gives no sign of life (a message, a ping) for this long, milliseconds, or
 * while it is sent this many bytes, is closed: nobody seems to read it, a room cannot see how full a socket's buffer is, and
 * what was not read stays in memory. At 20 kB/s, the most that a phone is sent, both limits are reached after about a minute.
 */
export const MAX_SILENT_MS = 60_000;
export const MAX_SILENT_BYTES = 1_000_000;
/** The same for a participant that said that its page is hidden, bytes: its signs of life may be 75 s apart. */
export const MAX_HIDDEN_BYTES = 1_500_000;
/** The same for a participant that gives signs of life but never says `seen`, bytes: four minutes of the fullest room. */
export const MAX_UNSEEN_BYTES = 4_000_000;
/** In place of both byte limits for a presenter, who gets every event, perhaps by a program that never answers. */
export const MAX_PRESENTER_BYTES = 64_000_000;
/** Readers of a room's log at once besides presenters: each holds a stored run and a page in memory, at worst half a megabyte. */
export const MAX_LOG_READERS = 16;
/** Of them, those of one session (a file, and a second try), and those without a session at one address, perhaps a venue. */
export const MAX_LOG_READERS_PER_SESSION = 2;
export const MAX_LOG_READERS_PER_ADDRESS = 4;
/** A reader that takes nothing for this long is cut off, milliseconds. */
export const LOG_READ_WITHIN_MS = 8_000;
export { MAX_UNITS } from '#lib/domain/bounds.ts';
/** Simulated shoppers in one rush: their answers are waited for in one call. */
export const MAX_RUSH = 500;
/** Lanes of one show: in `contest` each of them is asked on every tap, and each stands in every frame. */
export const MAX_LANES = 12;
/** SKUs of one show: each is a room, and what spans a show is a loop over its rooms. */
export const MAX_SKUS = 5;
/** Time between two `seen` of our own pages, milliseconds: the contract allows one every 2 s, and each is billed. */
export const SEEN_INTERVAL_MS = 4_000;
/** Events or milliseconds by which a client's newest `seen` may lag behind what it was sent before its socket is closed. */
export const MAX_LAG_EVENTS = 1_000;
export const MAX_LAG_MS = 10_000;
/** Most practice taps in one message of a held phone. */
export const MAX_PRACTICE = 50;
/** Practice messages of one phone count when so many milliseconds are between them; clients send one a second. */
export const PRACTICE_EVERY_MS = 900;
