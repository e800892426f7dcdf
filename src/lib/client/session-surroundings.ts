/** What one client's side of a room (room-session.ts) needs from outside. */
import type { Down } from '#lib/protocol/down.ts';
import type { OpNeeds } from './op-controller.ts';
import type { ActNeeds, PresenterActs } from './presenter-acts.ts';
import type { RoomView } from './room-view.ts';
import type { Connect } from './transport.ts';

/** What a session needs from outside. */
export interface SessionSurroundings extends Omit<OpNeeds, 'send' | 'checkLink'> {
  connect: Connect;
  /** What the device says of its network. */
  online: () => boolean;
  onChange: (view: RoomView) => void;
  /** Makes what a presenter may do here; missing on phones, which carry none of it. */
  presents?: (needs: ActNeeds) => PresenterActs;
  /** Hears every message of the room as it comes. */
  heard?: (message: Down) => void;
}
