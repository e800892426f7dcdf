/** The sockets of a room's object: the core's front half, over the platform's sockets and its pings. */
import type { Refusal } from '#lib/domain/codes.ts';
import type { Attachment, Caller, Subscriber } from '#lib/room/connections.ts';
import { FrontHalf } from '#lib/room/front-half.ts';
import { Phones } from './phones.ts';
import { platformPings } from './pings.ts';
import { Presence } from './presence.ts';

/** Resets the room if the limit of the caller's address allows it; else says why not. */
export type LimitedReset = (caller: Caller, key: string) => Promise<Refusal | null>;

/** The sockets of a room's object. */
export class RoomSockets extends FrontHalf {
  declare readonly connections: Phones;
  readonly presence: Presence;

  constructor(ctx: DurableObjectState, reset: LimitedReset) {
    const host = {
      reset: (caller: Caller, key: string, done: (refusal: Refusal | null) => void, failed: () => void) =>
        void reset(caller, key).then(done, failed),
      sleeps: true,
    };
    super(host, crypto.randomUUID(), new Phones());
    const pings = platformPings(ctx);
    this.presence = new Presence(this.connections, pings, pings.now());
  }

  /** A socket that slept: its attachment says who opened it. One without was closed before it was welcomed. */
  recall(socket: Subscriber & { readonly state: Attachment | null }, nowMs: number): void {
    if (socket.state) this.connections.add(socket, socket.state, 0, nowMs, true);
  }
}
