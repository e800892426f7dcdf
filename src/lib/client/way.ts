/**
 * Replaces network and storage when a page is in a rehearsal: how to connect to a room, and where to keep things. Pages have an
 * {@link import('./api.ts').Api} and do not know whether it has a way.
 */
import type { Role } from '#lib/protocol/http.ts';
import type { SessionSurroundings } from './session-surroundings.ts';
import type { Store } from './surroundings.ts';

/** What replaces network and storage for a page that is in a rehearsal. */
export interface Way {
  /** How to a room of the show. */
  room(skuId: string, role: Role): Pick<SessionSurroundings, 'connect' | 'store' | 'online'>;
  /** What is remembered of the show: never mixed with what a live show of the same code left here. */
  store: Store;
}

/** What stands in the address of a page that rehearses. */
export const PARAMETER = 'rehearsal';
