/**
 * Counting pings. The platform answers them for the room and tells only when the last one came, so a socket that sends
 * thousands looks like any other. But it looks as if it had just pinged whenever one looks: a socket that does so several
 * times in a row is suspect, and then the room answers pings itself for a moment, where they count as messages.
 */
import { FLOOD_SECONDS } from '#lib/protocol/limits.ts';
import { PING, PONG } from './inbox.ts';
import type { Connection, Connections, Subscriber } from './connections.ts';

/** A ping so young is suspect, milliseconds: of those who ping every five seconds one in twenty has it at a look. */
const YOUNG_MS = 250;
/** Looks at the suspects, and the time between them, milliseconds: an honest one is older by then. */
const LOOKS = 3;
const LOOK_EVERY_MS = 300;
/** How long pings are counted, milliseconds: longer than a flood lasts until it is one. */
const COUNTED_MS = (FLOOD_SECONDS + 1) * 1_000;

/** What the platform does about pings. */
export interface Pings {
  /** When it last answered one of a socket for the room, Unix milliseconds; null when it never has. */
  lastAtMs(socket: Subscriber): number | null;
  /** Says who answers from now on. */
  answeredBy(who: 'platform' | 'room'): void;
  now(): number;
}

/** Pings of an object's sockets; the platform answers them from here on. */
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

/** See the module's comment. */
export class PingCount {
  readonly #connections: Connections;
  readonly #pings: Pings;
  #isLooking = false;

  constructor(connections: Connections, pings: Pings) {
    this.#connections = connections;
    this.#pings = pings;
  }

  /** Looks for suspects, in an awake room; goes on by itself while there are some. */
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
