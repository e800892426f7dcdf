/** Finds out why there is no live connection although there is a network, once it has been missing for a while (network.ts). */
import type { ApiResult } from './api.ts';
import { blockedAfterMs, LOOK_AFTER_MS, networkBy } from './network.ts';
import type { Network } from './network.ts';
import type { Connection } from './room-view.ts';
import { browserLater } from './surroundings.ts';

/** Until it is looked at again, milliseconds: each look is a call that is billed. */
const LOOK_AGAIN_MS = 30_000;

/** Make one while a component is made: it watches as long as that is there. */
export class NetworkWatch {
  #found = $state.raw<Network>(null);

  /** `ask` asks the room for anything, over HTTP. */
  constructor(connection: () => Connection, ask: () => Promise<ApiResult<unknown>>) {
    // Not while the device itself says that it has no network.
    const isAway = $derived(/connecting/.test(connection().kind));
    $effect(() => {
      if (!isAway) return;
      const awayAtMs = performance.now();
      let isOver = false;
      const look = async () => {
        const askedAtMs = performance.now();
        const found = networkBy(await ask());
        if (isOver) return;
        const now = performance.now();
        const patienceMs = found?.is === 'blocked' ? awayAtMs + blockedAfterMs(now - askedAtMs) - now : 0;
        if (patienceMs <= 0) this.#found = found;
        cancel = browserLater(() => void look(), patienceMs > 0 ? patienceMs : LOOK_AGAIN_MS);
      };
      let cancel = browserLater(() => void look(), LOOK_AFTER_MS);
      return () => {
        isOver = true;
        this.#found = null;
        cancel();
      };
    });
  }

  /** What was found. */
  get found(): Network {
    return this.#found;
  }
}
