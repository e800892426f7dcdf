/**
 * Where phones reach this show. That is the address bar's, unless the server stands behind a tunnel: then the presenter's own
 * screens are opened on its machine, and the address for phones is the tunnel's, which changes while the show runs.
 */
import { placeOf } from './place.ts';
import type { Place } from './place.ts';
import type { PresenterApi } from './presenter-api.ts';
import { browserLater } from './surroundings.ts';

/** How soon a new address reaches the screen, milliseconds. Only a server with a tunnel is asked more than once. */
const ASK_EVERY_MS = 2_000;
/** How long a change is said, milliseconds: the room has to scan the code again. */
const SAID_FOR_MS = 60_000;

/** `steady`: there is nothing to say of the address. `down`: phones cannot use it now. `changed`: they have to open the new one. */
export type AddressNews = 'steady' | 'down' | 'changed';

/** Make one while a component is made: it asks as long as that is there. */
export class PublicAddress {
  #address = $state.raw<string | null>(null);
  #news = $state.raw<AddressNews>('steady');

  constructor(api: Pick<PresenterApi, 'health' | 'way'>) {
    $effect(() => {
      // A rehearsal is on this device alone.
      if (api.way) return;
      let isOver = false;
      let cancel = () => {};
      let cancelNews = () => {};
      const hear = (address: string | null) => {
        if (address === null) {
          this.#news = 'down';
        } else if (this.#address !== null && address !== this.#address) {
          this.#news = 'changed';
          cancelNews();
          cancelNews = browserLater(() => (this.#news = 'steady'), SAID_FOR_MS);
        } else if (this.#news === 'down') {
          this.#news = 'steady';
        }
        this.#address = address ?? this.#address;
      };
      const ask = async () => {
        const answer = await api.health();
        if (isOver || (answer.ok && answer.data.publicAddress === undefined)) return;
        if (answer.ok) hear(answer.data.publicAddress ?? null);
        cancel = browserLater(() => void ask(), ASK_EVERY_MS);
      };
      void ask();
      return () => {
        isOver = true;
        cancel();
        cancelNews();
      };
    });
  }

  /** The newest address that was told; the page's own without a tunnel. */
  get place(): Place {
    return placeOf(this.#address);
  }

  get news(): AddressNews {
    return this.#news;
  }
}
