/** The room of a presenter's page. */
import type { LiveRoomOptions } from './live-room.svelte.ts';
import { LiveRoom } from './live-room.svelte.ts';
import { PresenterActs } from './presenter-acts.ts';

/** A {@link LiveRoom} with the presenter's acts. */
export class PresentedRoom extends LiveRoom {
  constructor(options: Omit<LiveRoomOptions, 'role'>) {
    super({ ...options, role: 'presenter', presents: (needs) => new PresenterActs(needs) });
  }

  /** The presenter's acts in this room. */
  get acts(): PresenterActs {
    const { acts } = this.session;
    if (!acts) throw new Error('A presenter’s session has its acts');
    return acts;
  }
}
