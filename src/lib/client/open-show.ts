/** Opens a show as the door does: held from its first moment, so that nothing is sold before the presenter's GO. */
import type { ShowInput } from './api.ts';
import type { Entered } from './identity.ts';
import { join } from './identity.ts';
import type { PresenterApi } from './presenter-api.ts';
import type { Later, Store } from './surroundings.ts';
import { browserLater, localStore } from './surroundings.ts';

/** Tries to hold a room: one that failed once may have been busy with being made. */
const TRIES = 2;
/** Longest wait for all rooms, milliseconds: a presenter who sees no control screen presses again. */
const HELD_WITHIN_MS = 4_000;

/** What is opened, and with what. */
export interface Opening {
  api: PresenterApi;
  show: ShowInput;
  turnstileToken?: string;
  store?: Store;
  later?: Later;
}

/**
 * Opens a show and holds each of its rooms before anybody knows its code. A room that could not be held sells at once: the show is
 * open all the same, and its control screen says that it is running.
 */
export async function openShow({
  api,
  show,
  turnstileToken,
  store = localStore,
  later = browserLater,
}: Opening): Promise<Entered> {
  const token = turnstileToken === undefined ? {} : { turnstileToken };
  const opened = await join({ api, role: 'presenter', opens: show, store, ...token });
  if (!opened.ok) return opened;
  const held = Promise.all(opened.identity.skus.map(({ id }) => hold(api, id)));
  await new Promise<void>((resolve) => {
    const cancel = later(resolve, HELD_WITHIN_MS);
    void held.then(() => {
      cancel();
      resolve();
    });
  });
  return opened;
}

async function hold(api: PresenterApi, skuId: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await api.control({ skuId, hold: true });
    if (answer.ok) return;
  }
}
