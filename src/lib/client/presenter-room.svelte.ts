/** Everything a presenter's screen holds of one room: the room, its history, the script's remote and the reset. */
import type { Api } from './api.ts';
import { LiveHistory } from './history.svelte.ts';
import type { Identity } from './identity.ts';
import { LiveRoom } from './live-room.svelte.ts';
import { ResetDesk } from './reset-desk.svelte.ts';
import { StepRemote } from './step-remote.ts';

/** Make one in the browser only, and {@link PresenterRoom.close} it when its page goes. */
export class PresenterRoom {
  readonly room: LiveRoom;
  readonly history: LiveHistory;
  readonly remote: StepRemote;
  readonly resets: ResetDesk;

  constructor(api: Api, { show, skus }: Identity, skuId: string) {
    const room = new LiveRoom({ show, skuId, role: 'presenter' });
    this.room = room;
    this.history = new LiveHistory({
      onEvents: (listener) => room.onEvents(listener),
      log: async () => {
        const log = await api.log(skuId);
        return log.ok ? log.data.text() : null;
      },
    });
    const others = skus.map(({ id }) => id).filter((id) => id !== skuId);
    this.remote = new StepRemote(
      { control: (change) => room.control(change), step: () => room.state?.step ?? null },
      api,
      others,
    );
    this.resets = new ResetDesk(api);
  }

  close(): void {
    this.room.close();
    this.history.close();
    this.resets.close();
  }
}
