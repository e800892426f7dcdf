/** What the client takes from the browser, handed in so that tests can stand in for it. */
import * as v from 'valibot';

/** Clocks of the device. */
export interface Clock {
  /** Monotonic milliseconds, for durations. */
  monotonic(): number;
  /** Unix milliseconds, for what people read. */
  wall(): number;
}

/** A timer that can be called off. */
export type Cancel = () => void;

/** Runs something once, later. */
export type Later = (run: () => void, afterMs: number) => Cancel;

/** A device's clocks and its timer. */
export interface Time {
  clock: Clock;
  later: Later;
}

/** What is known of the page that this runs in. */
export interface Page {
  isVisible: () => boolean;
  /**
   * Calls back when the page went out of sight, and when it may have been away: the device may have slept or changed its
   * network, so it is time to look whether the link still lives. Returns what ends it.
   */
  onWake: (wake: () => void) => () => void;
}

/** The part of Web Storage that is used; it may refuse to work, see {@link safeStorage}. */
export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** The browser's clocks. */
export const browserClock: Clock = { monotonic: () => performance.now(), wall: () => Date.now() };

/** The browser's timer. */
export const browserLater: Later = (run, afterMs) => {
  const id = setTimeout(run, afterMs);
  return () => {
    clearTimeout(id);
  };
};

/** Both of them. */
export const browserTime: Time = { clock: browserClock, later: browserLater };

/** `offline` too: it says that something changed, not that the room is out of reach (it may run on this very machine). */
const MOMENTS = ['visibilitychange', 'online', 'offline', 'pageshow'] as const;

/** The page of this browser. */
export const browserPage: Page = {
  isVisible: () => document.visibilityState === 'visible',
  onWake: (wake) => {
    const each = (act: 'addEventListener' | 'removeEventListener') => {
      for (const moment of MOMENTS) window[act](moment, wake);
    };
    each('addEventListener');
    return () => each('removeEventListener');
  },
};

/** A store that never throws: where the browser has none, or refuses it (private windows, full), it remembers for this page only. */
export function safeStorage(find: () => Store): Store {
  const memory = new Map<string, string>();
  const attempt = <T>(act: (store: Store) => T, otherwise: T): T => {
    try {
      return act(find());
    } catch {
      return otherwise;
    }
  };
  return {
    getItem: (key) => attempt((store) => store.getItem(key), null) ?? memory.get(key) ?? null,
    setItem: (key, value) => {
      memory.set(key, value);
      attempt((store) => {
        store.setItem(key, value);
      }, undefined);
    },
    removeItem: (key) => {
      memory.delete(key);
      attempt((store) => {
        store.removeItem(key);
      }, undefined);
    },
  };
}

/** True where pages may store nothing: to ask for the store throws, or there is none. */
export function keepsNothing(): boolean {
  try {
    return localStorage.length < 0;
  } catch {
    return true;
  }
}

/** What this browser remembers in all of its tabs. */
export const localStore = safeStorage(() => localStorage);
/** What this tab alone remembers. */
export const tabStore = safeStorage(() => sessionStorage);

/** What is kept in a store, parsed; null when there is nothing, or nothing of that form. */
export function recall<T>(store: Store, key: string, form: v.GenericSchema<unknown, T>): T | null {
  const kept = v.safeParse(v.pipe(v.string(), v.parseJson(), form), store.getItem(key));
  return kept.success ? kept.output : null;
}

/** A random UUID (version 4). `crypto.randomUUID` is missing on plain http, where venues run; `getRandomValues` is not. */
export function makeUuid(
  fill: (bytes: Uint8Array<ArrayBuffer>) => unknown = (b) => crypto.getRandomValues(b),
) {
  const bytes = new Uint8Array(16);
  fill(bytes);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
