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
      const look = () => {
        const askedAtMs = performance.now();
        void ask().then((answer) => {
          if (isOver) return;
          const found = networkBy(answer);
          const now = performance.now();
          const earlyMs = found?.is === 'blocked' ? awayAtMs + blockedAfterMs(now - askedAtMs) - now : 0;
          const isEarly = earlyMs > 0;
          if (!isEarly) this.#found = found;
          cancel = browserLater(look, isEarly ? earlyMs : LOOK_AGAIN_MS);
        });
      };
      let cancel = browserLater(look, LOOK_AFTER_MS);
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
