/** A presenter's room, and everything that a screen holds of it: its history, the script's remote and the reset. */
import type { Down } from '#lib/protocol/down.ts';
import type { PresenterApi } from './presenter-api.ts';
import { LiveHistory } from './live-history.ts';
import type { Identity } from './identity.ts';
import { LiveRoom } from './live-room.svelte.ts';
import type { LiveRoomOptions } from './live-room.svelte.ts';
import { PresenterActs } from './presenter-acts.ts';
import { NetworkWatch } from './network.svelte.ts';
import { networkWords } from './network-words.ts';
import { ResetController } from './reset-controller.svelte.ts';
import type { StageLink } from './stage-link.ts';
import { StepRemote } from './step-remote.ts';
import { browserTime } from './surroundings.ts';

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

/** A presenter's screens need every event, which only a socket brings: they can but say what stands in its way. */
class PresenterNetwork extends NetworkWatch {
  get words(): string {
    return networkWords(this.found);
  }
}

/** Make one while a component is made, in the browser only, and {@link PresenterRoom.close} it when its page goes. */
export class PresenterRoom {
  readonly room: PresentedRoom;
  readonly history: LiveHistory;
  readonly remote: StepRemote;
  readonly resets: ResetController;
  readonly network: PresenterNetwork;
  readonly #leaveLink: () => void;

  constructor(api: PresenterApi, { show, skus }: Identity, skuId: string, link: StageLink) {
    const room = new PresentedRoom({
      show,
      skuId,
      ...api.way?.room(skuId, 'presenter'),
      heard: (message) => this.#heard(message, link),
    });
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
      {
        control: (change, sent) => room.acts.control(change, sent),
        now: () => room.state,
        clock: () => browserTime.clock.monotonic() + (room.clockOffsetMs ?? 0),
      },
      api,
      others,
    );
    room.onEvents((events) => {
      for (const { kind, body } of events) {
        if (kind === 'step') this.remote.told(body.step);
        else if (kind === 'mode') this.remote.toldMode(body.mode);
      }
    });
    this.resets = new ResetController(api, () => new Promise((resolve) => room.acts.reach(resolve)));
    this.network = new PresenterNetwork(
      () => room.connection,
      () => api.state(skuId),
    );
    this.#leaveLink = link.goThrough((words) => room.acts.stage(words));
  }

  /** Closes the room, its history and the link to the stage with the page. */
  close(): void {
    this.#leaveLink();
    this.room.close();
    this.history.close();
    this.resets.close();
  }

  #heard(message: Down, link: StageLink): void {
    if (message.t === 'stage') link.hear(message);
    if (message.t !== 'welcome') return;
    this.remote.forget();
    // After the session has taken the welcome: only then is there somebody to speak to.
    queueMicrotask(() => link.arrived());
  }
}
