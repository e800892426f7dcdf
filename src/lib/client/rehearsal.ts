/**
 * A page's stay in a rehearsal: the same API and the same identity that a live show gives it, over a room in this browser.
 */
import type { Role } from '#lib/protocol/http.ts';
import type { ApiFailure } from './api.ts';
import type { PresenterApi } from './presenter-api.ts';
import { createApi } from './api.ts';
import { presenterCalls } from './presenter-api.ts';
import type { Identity } from './identity.ts';
import { enterShow } from './identity.ts';
import { keepForOffline, screensOf } from './offline.ts';
import { beginningOf, noteState } from './rehearsal-memory.ts';
import type { Store } from './surroundings.ts';
import { tabStore } from './surroundings.ts';

export { noteState };

/** A page's stay in a rehearsal: the API and identity that it uses in place of the live ones. */
export interface Stay {
  api: PresenterApi;
  identity: Identity;
  /** What every simulated shopper's chance follows from. */
  seed: number;
  /** True when the rehearsal that this tab was in before has ended, and this is another one. */
  isAnew: boolean;
  /** Starts and stops this show's crowd, and says how it stands. */
  crowd: CrowdCalls;
  close(): void;
}

/** How a crowd of simulated shoppers stands. */
export interface CrowdView {
  seed: number;
  shoppers: number;
  seconds: number;
  running: boolean;
  taps: number;
}

/** Calls that only a rehearsal has. Null: there was no crowd yet, or it was not let in. */
export interface CrowdCalls {
  look(skuId: string): Promise<CrowdView | null>;
  start(skuId: string, order: { seed: number; shoppers: number; seconds: number }): Promise<CrowdView | null>;
  stop(skuId: string): Promise<CrowdView | null>;
}

/** Fetches what a rehearsal needs, while there is a network to fetch it with. */
export async function prepareRehearsal(): Promise<void> {
  const { prepare } = await import('#lib/rehearsal/enter.ts');
  await prepare();
}

/** Comes into the rehearsal of a show, or begins it where this browser last saw the show. */
export async function enterRehearsal(show: string, role: Role): Promise<Stay | ApiFailure> {
  const { enter } = await import('#lib/rehearsal/enter.ts');
  const beginning = beginningOf(show, Math.random);
  // On a phone alone nobody could give the GO.
  const screen = await enter(role === 'presenter' ? beginning : { ...beginning, held: false }, tabStore);
  const { seed, skus } = await screen.began;
  const fetcher = screen.fetcher(role);
  const store = storeKnowing(show, JSON.stringify(skus));
  const api: PresenterApi = {
    ...createApi(role, fetcher),
    ...presenterCalls(fetcher, role, screen.fetcher('bot')),
    way: {
      room: (skuId, as) => ({ connect: screen.connect(skuId, as), store: tabPart(show), online: () => true }),
      store,
    },
  };
  const me = await api.me();
  if (!me.ok) await api.login({ role, show });
  const entered = await enterShow({ api, role, show, store });
  if (!entered.ok) {
    screen.close();
    return entered;
  }
  void keepForOffline(screensOf(show));
  const crowd = crowdCalls(fetcher);
  return { api, identity: entered.identity, seed, isAnew: screen.isAnew, crowd, close: () => screen.close() };
}

/** What is remembered of the show: of this page alone, so that nothing of it is taken for the live show's. */
function storeKnowing(show: string, skus: string): Store {
  const kept = new Map([[`rgl.show.${show}`, skus]]);
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

/** Taps of a rehearsal are remembered beside those of a live room of the same name, never among them. */
function tabPart(show: string): Store {
  const place = (key: string) => `rgl.rehearsal.${show}.${key}`;
  return {
    getItem: (key) => tabStore.getItem(place(key)),
    setItem: (key, value) => tabStore.setItem(place(key), value),
    removeItem: (key) => tabStore.removeItem(place(key)),
  };
}

function crowdCalls(fetcher: typeof fetch): CrowdCalls {
  const ask = async (path: string, init?: RequestInit): Promise<CrowdView | null> => {
    const answer = await fetcher(`/rehearsal/crowd${path}`, init);
    // Of this browser's own room, and of the same build.
    const { data } = (await answer.json()) as { data?: { crowd: CrowdView | null } };
    return data?.crowd ?? null;
  };
  const post = (path: string, body: object) => ask(path, { method: 'POST', body: JSON.stringify(body) });
  return {
    look: (skuId) => ask(`?skuId=${encodeURIComponent(skuId)}`),
    start: (skuId, order) => post('', { skuId, ...order }),
    stop: (skuId) => post('/stop', { skuId }),
  };
}
