/**
 * This browser's session in a show. A session that is still valid is used again, so that a reload keeps the name; a phone without
 * one joins automatically; a presenter without one has to sign in at the door.
 */
import * as v from 'valibot';
import type { Sku } from '#lib/domain/events.ts';
import type { Role } from '#lib/protocol/http.ts';
import type { Api, ApiFailure, ShowInput } from './api.ts';
import type { Store } from './surroundings.ts';
import { localStore, recall } from './surroundings.ts';

/** A session of this browser in a show. */
export interface Identity {
  role: Role;
  show: string;
  sessionId: string;
  label: string;
  /** Unix milliseconds on the server's clock. */
  expiresAt: number;
  /** What to add to this page's monotonic clock to get the server's Unix milliseconds. */
  clockOffsetMs: number;
  skus: readonly Sku[];
  /** False when a session that was there before goes on. */
  isNew: boolean;
}

/** Result of entering a show. */
export type Entered = { ok: true; identity: Identity } | ApiFailure;

/** How to enter; `turnstileToken` only where the show asks for one. */
export interface EnterOptions {
  api: Api;
  role: Role;
  show: string;
  turnstileToken?: string;
  /** Monotonic milliseconds. */
  now?: () => number;
  store?: Store;
}

const SKUS = v.array(
  v.object({ id: v.string(), name: v.string(), capacity: v.number(), unitPrice: v.number() }),
);
const monotonic = () => performance.now();

/**
 * Continues this browser's session, or joins the show. A phone that has stored nothing of the show joins at once, which saves a
 * round trip on a slow network.
 */
export async function enterShow(options: EnterOptions): Promise<Entered> {
  const { api, role, show, now = monotonic, store = localStore } = options;
  const skus = recallSkus(show, store);
  if (role === 'participant' && !skus) return join(options);
  const me = await api.me();
  if (!me.ok) return role === 'presenter' || me.code === 'OFFLINE' ? me : join(options);
  if (me.data.show !== show) return role === 'presenter' ? otherShow(me.data.show) : join(options);
  // A presenter whose browser forgot what the show sells is told again by joining it once more.
  if (!skus) return join(options);
  const { sessionId, label, expiresAt } = me.data;
  const clockOffsetMs = me.meta.timestamp - now();
  return {
    ok: true,
    identity: { role, show, sessionId, label, expiresAt, clockOffsetMs, skus, isNew: false },
  };
}

/** Joins a show, or opens one (a presenter without `show`), and remembers what it sells for the next reload. */
export async function join(
  options: Omit<EnterOptions, 'show'> & { show?: string; opens?: ShowInput },
): Promise<Entered> {
  const { api, role, show, opens, turnstileToken, now = monotonic, store = localStore } = options;
  const answer = await api.login({
    role,
    ...(show === undefined ? {} : { show }),
    ...opens,
    ...(turnstileToken ? { turnstileToken } : {}),
  });
  if (!answer.ok) return answer;
  const { sessionId, label, expiresAt } = answer.data;
  store.setItem(memoryKey(answer.data.show), JSON.stringify(answer.data.skus));
  const clockOffsetMs = answer.meta.timestamp - now();
  return {
    ok: true,
    identity: {
      role,
      show: answer.data.show,
      sessionId,
      label,
      expiresAt,
      clockOffsetMs,
      skus: answer.data.skus,
      isNew: true,
    },
  };
}

/** What a show sells, as this browser was told when it joined; null when it was not, or when that cannot be read. */
export function recallSkus(show: string, store: Store = localStore): Sku[] | null {
  const skus = recall(store, memoryKey(show), SKUS);
  return skus && skus.length > 0 ? skus : null;
}

/** Forgets it, so that the next visit joins anew and asks after no session. Returns what undoes that. */
export function forgetShow(show: string, store: Store = localStore): () => void {
  const key = memoryKey(show);
  const skus = store.getItem(key);
  store.removeItem(key);
  return () => {
    if (skus !== null) store.setItem(key, skus);
  };
}

function memoryKey(show: string): string {
  return `rgl.show.${show}`;
}

/** This browser presents another show, which the message names: the words for it are none that a phone loads. */
function otherShow(show: string): ApiFailure {
  return { ok: false, code: 'FORBIDDEN', message: show, retryAfterMs: null, status: 403 };
}
