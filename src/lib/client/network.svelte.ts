/**
 * Why there is no live connection although there is a network: something between this device and the show lets pages through and
 * no sockets, or answers in the show's place. Looked at only when a connection has been missing for a while.
 */
import type { ApiResult } from './api.ts';
import type { Connection } from './room-view.ts';
import { browserLater } from './surroundings.ts';
import { networkWords } from './words.ts';

/** Most outages are over by then, milliseconds. */
const LOOK_AFTER_MS = 4_000;
/** Until it is looked at again, milliseconds: each look is a call that is billed. */
const LOOK_AGAIN_MS = 30_000;

/** `blocked`: the show answers, but not on a socket. `portal`: something else answers. Null: nothing of that kind. */
export type Network = 'blocked' | 'portal' | null;

/** What an answer of the room over HTTP says, while its socket cannot be had. */
export function networkBy(answer: ApiResult<unknown>): Network {
  if (answer.ok) return 'blocked';
  return answer.code === 'NOT_UNDERSTOOD' && answer.status < 500 ? 'portal' : null;
}

/** Make one while a component is made: it watches as long as that is there. */
export class NetworkWatch {
  #found = $state.raw<Network>(null);

  /** `ask` asks the room for anything, over HTTP. */
  constructor(connection: () => Connection, ask: () => Promise<ApiResult<unknown>>) {
    const isAway = $derived(connection().kind === 'reconnecting');
    $effect(() => {
      if (!isAway) return;
      let isOver = false;
      const look = async () => {
        const found = networkBy(await ask());
        if (isOver) return;
        this.#found = found;
        cancel = browserLater(() => void look(), LOOK_AGAIN_MS);
      };
      let cancel = browserLater(() => void look(), LOOK_AFTER_MS);
      return () => {
        isOver = true;
        this.#found = null;
        cancel();
      };
    });
  }

  /** What to do about it; empty when nothing of that kind was found. */
  get words(): string {
    return networkWords(this.#found);
  }
}
