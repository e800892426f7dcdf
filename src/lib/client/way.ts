/**
 * Another way to a show than the network: what stands in for the sockets and for what this browser keeps, when a page is in a
 * rehearsal. Pages and their parts hold an {@link import('./api.ts').Api} and need not know which way it goes.
 */
import type { Role } from '#lib/protocol/http.ts';
import type { SessionSurroundings } from './room-session.ts';
import type { Store } from './surroundings.ts';

/** See the module's header. */
export interface Way {
  /** How to a room of the show. */
  room(skuId: string, role: Role): Pick<SessionSurroundings, 'connect' | 'store' | 'online'>;
  /** What is remembered of the show: never mixed with what a live show of the same code left here. */
  store: Store;
}

/** What stands in the address of a page that rehearses. */
export const PARAMETER = 'rehearsal';
