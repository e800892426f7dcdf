/**
 * Finds sockets that send pings without end. The platform answers pings for the room and exposes only the time of the last one,
 * so thousands of pings look like one. But such a socket has always just pinged when the room looks. One that has several
 * times in a row is suspect, and the room then answers pings itself for a moment, where they count as messages.
 */
import { FLOOD_SECONDS } from '#lib/protocol/limits.ts';
import { PING, PONG } from '#lib/protocol/plain-words.ts';
import type { Connection, Connections, Subscriber } from '#lib/room/connections.ts';

/** A newest ping younger than this is suspect, milliseconds: of clients that ping every 5 s one in twenty is at a look. */
const YOUNG_MS = 250;
/** Further looks at suspects, and the milliseconds between them, after which an honest client's newest ping is older. */
const LOOKS = 3;
const LOOK_EVERY_MS = 300;
/** How long the room answers pings itself, milliseconds: long enough for {@link FLOOD_SECONDS} to pass. */
const COUNTED_MS = (FLOOD_SECONDS + 1) * 1_000;

/** The platform's automatic answers to pings (`setWebSocketAutoResponse`). */
export interface Pings {
  /** When it last answered a ping of a socket, Unix milliseconds; null when it never has. */
  lastAtMs(socket: Subscriber): number | null;
  /** Sets who answers from now on. */
  answeredBy(who: 'platform' | 'room'): void;
  now(): number;
}

/** Pings of an object's sockets; the platform answers them from the call on. */
export function platformPings(ctx: DurableObjectState): Pings {
  const answeredBy = (who: 'platform' | 'room') =>
    ctx.setWebSocketAutoResponse(
      who === 'platform' ? new WebSocketRequestResponsePair(PING, PONG) : undefined,
    );
  answeredBy('platform');
  // Whoever is connected to an object is so by a socket of its platform.
  const lastAtMs = (socket: Subscriber) =>
    ctx.getWebSocketAutoResponseTimestamp(socket as Subscriber & WebSocket)?.getTime() ?? null;
  return { lastAtMs, answeredBy, now: () => Date.now() };
}

/** Finds sockets that ping without end: those that seem to have just pinged at several looks in a row. */
export class PingCount {
  readonly #connections: Connections;
  readonly #pings: Pings;
  #isLooking = false;

  constructor(connections: Connections, pings: Pings) {
    this.#connections = connections;
    this.#pings = pings;
  }

  /** Looks for suspects in an awake room, and continues by itself while there are some. */
  look(): void {
    if (!this.#isLooking) this.#follow([...this.#connections.all()], LOOKS);
  }

  #follow(connections: readonly Connection[], looks: number): void {
    const suspects = connections.filter(({ socket, closing }) => {
      return !closing && this.#pings.now() - (this.#pings.lastAtMs(socket) ?? 0) < YOUNG_MS;
    });
    this.#isLooking = suspects.length > 0;
    if (!this.#isLooking) return;
    if (looks > 0) setTimeout(() => this.#follow(suspects, looks - 1), LOOK_EVERY_MS);
    else this.#count();
  }

  #count(): void {
    this.#pings.answeredBy('room');
    setTimeout(() => {
      this.#pings.answeredBy('platform');
      this.#isLooking = false;
    }, COUNTED_MS);
  }
}
