/** What a client may say on a socket in plain text, beside the messages in JSON. */

/** The ping, and its answer, which the platform gives without waking the room. */
export const PING = 'ping';
/** The answer to {@link PING}. */
export const PONG = 'pong';
/**
 * The client's page went out of sight, or is in sight again; every connection begins in sight. Browsers let the timers of a
 * hidden page run once a minute, so that its pings are rare: whoever says so first is not taken for gone.
 */
export const HIDDEN = 'hidden';
/** See {@link HIDDEN}. */
export const VISIBLE = 'visible';
