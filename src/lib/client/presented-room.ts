/** A room as a presenter's page holds it: a live room, and what a presenter may do there. */
import type { LiveRoomOptions } from './live-room.svelte.ts';
import { LiveRoom } from './live-room.svelte.ts';
import { PresenterActs } from './presenter-acts.ts';

/** See the module's header. */
export class PresentedRoom extends LiveRoom {
  constructor(options: Omit<LiveRoomOptions, 'role'>) {
    super({ ...options, role: 'presenter', presents: (needs) => new PresenterActs(needs) });
  }

  get acts(): PresenterActs {
    const { acts } = this.session;
    if (!acts) throw new Error('A presenter’s session has its acts');
    return acts;
  }
}
