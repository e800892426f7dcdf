/** A phone's stay in a show: joins by itself, keeps the session, holds the one room that is looked at. */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { roomName } from '#lib/protocol/paths.ts';
import type { Api, ApiFailure } from './api.ts';
import { createApi } from './api.ts';
import type { Identity } from './identity.ts';
import { enterShow, forgetShow, recallSkus } from './identity.ts';
import type { Unknown } from './entry-words.ts';
import { LiveRoom } from './live-room.svelte.ts';
import { buzzWhenLost } from './loss-buzz.ts';
import { keepReceipts } from './receipts.ts';
import type { SessionKeeper } from './session-keeper.ts';
import { keepSession } from './session-keeper.ts';
import { browserLater, localStore } from './surroundings.ts';

/** A session that the room refuses again at once is not brought back once more: somebody has to look. */
const RENEW_AGAIN_MS = 10_000;

/** Where a phone stands. `check`: the show wants proof that this is no robot first. */
export type VisitPhase =
  | { kind: 'joining' }
  | { kind: 'check' }
  | { kind: 'in'; identity: Identity }
  | { kind: 'left' }
  | { kind: 'failed'; failure: ApiFailure };

/** Make one in the browser only, and {@link PhoneVisit.close} it when its page goes. */
export class PhoneVisit {
  readonly api: Api;
  #phase = $state.raw<VisitPhase>({ kind: 'joining' });
  #room = $state.raw<LiveRoom | null>(null);
  #session = $state.raw<SessionKeeper | null>(null);
  #skuId = $state('');
  /** Why somebody new came in on the same phone: an earlier session ran out, or its cookie was cleared. Null: nobody did. */
  #renamedBy = $state.raw<'time' | 'cookies' | null>(null);
  /** Why the room does not know this session; undefined while it is being found out. */
  #unknown = $state.raw<Unknown | undefined>(null);
  #isClosed = false;
  #isLeaving = false;
  /** When a session that the room refused was last brought back, or replaced; monotonic. */
  #mendedAtMs = -Infinity;
  readonly #show: string;
  readonly #hasCheck: boolean;

  /** `show` is a code in its one written form; `hasCheck` where the site has a Turnstile widget to offer. */
  constructor(show: string, hasCheck: boolean, api: Api = createApi('participant')) {
    this.api = api;
    this.#show = show;
    this.#hasCheck = hasCheck;
  }

  /** The phase of the visit, which decides what the phone shows. */
  get phase(): VisitPhase {
    return this.#phase;
  }
  /** The room that is shown; null before the phone has joined. */
  get room(): LiveRoom | null {
    return this.#room;
  }
  /** The session; null before the phone has joined. */
  get session(): SessionKeeper | null {
    return this.#session;
  }
  /** The product that is shown. */
  get skuId(): string {
    return this.#skuId;
  }
  /** Why this phone has a new name: its session ran out, or its cookie was cleared; null if it has not. */
  get renamedBy(): 'time' | 'cookies' | null {
    return this.#renamedBy;
  }
  /** Why the room does not know this session; null without a reason, undefined while it is being found out. */
  get unknown(): Unknown | undefined {
    return this.#unknown;
  }

  /** Joins, or goes on with the session that this phone has. */
  async enter(turnstileToken?: string, lostBy: 'time' | 'cookies' = 'time'): Promise<void> {
    const before = this.#phase.kind === 'in' ? this.#phase.identity : null;
    this.#phase = { kind: 'joining' };
    this.#unknown = null;
    const { api } = this;
    const entered = await enterShow({
      api,
      role: 'participant',
      show: this.#show,
      ...(api.way ? { store: api.way.store } : {}),
      ...(turnstileToken ? { turnstileToken } : {}),
    });
    if (this.#isClosed) return;
    if (!entered.ok) {
      const wantsCheck = entered.code === 'MISSING_TOKEN' || entered.code === 'INVALID_TOKEN';
      const canCheck = this.#hasCheck && wantsCheck;
      this.#phase = canCheck ? { kind: 'check' } : { kind: 'failed', failure: entered };
      return;
    }
    const { identity } = entered;
    if (before !== null) this.#mendedAtMs = performance.now();
    if (before !== null && before.sessionId !== identity.sessionId) this.#renamedBy = lostBy;
    this.#session?.close();
    this.#session = keepSession(api, identity, () => this.#room?.clockOffsetMs);
    this.select(identity.skus.some(({ id }) => id === this.#skuId) ? this.#skuId : identity.skus[0]!.id);
    // The socket is asked for before the screen is drawn: on a slow phone the one takes as long as the other.
    await nextTask();
    if (!this.#isClosed) this.#phase = { kind: 'in', identity };
  }

  /** Goes to the room of another product of the show. */
  select(skuId: string): void {
    this.#room?.close();
    this.#skuId = skuId;
    const { way } = this.api;
    // Nothing that a rehearsal told is a receipt.
    const keep = way ? null : keepReceipts(roomName(this.#show, skuId), localStore, browserLater);
    const buzz = buzzWhenLost();
    this.#room = new LiveRoom({
      show: this.#show,
      skuId,
      role: 'participant',
      ...way?.room(skuId, 'participant'),
      heard: (message) => {
        keep?.(message);
        buzz(message);
      },
    });
  }

  /** The room refused this session. One that ran out is replaced; of any other it is found out why, and said. */
  refused(code: number): void {
    if (this.#isLeaving || code !== CLOSE.unauthorized || this.#phase.kind !== 'in') return;
    void this.#askWhy();
  }

  async #askWhy(): Promise<void> {
    const isFresh = performance.now() - this.#mendedAtMs < RENEW_AGAIN_MS;
    const hasRunOut = this.#session?.view.remainingMs === 0;
    if (hasRunOut && !isFresh) return this.enter();
    this.#unknown = undefined;
    const why = await this.#why();
    if (this.#isClosed || this.#isLeaving) return;
    if (why === 'known' && !isFresh) {
      this.#mendedAtMs = performance.now();
      this.#room?.retry();
      this.#unknown = null;
      return;
    }
    if (why === 'cleared' && !isFresh) return this.enter(undefined, 'cookies');
    this.#unknown = why === 'cookies' || why === 'left' ? why : null;
  }

  /** `known`: the session is good, and its cookie is in place again; `cleared`: the cookie is gone, and nothing can bring it back. */
  async #why(): Promise<'known' | 'cleared' | Unknown> {
    const { api } = this;
    const renewed = await api.renew();
    if (renewed.ok) {
      const me = await api.me();
      return me.ok ? 'known' : me.code === 'UNAUTHORIZED' ? 'cookies' : null;
    }
    if (renewed.code !== 'UNAUTHORIZED') return null;
    // Whoever leaves forgets the show for all tabs; and a token of ours is refused only because its session was ended.
    const hasLeft = api.hasToken() || recallSkus(this.#show, api.way?.store) === null;
    return hasLeft ? 'left' : 'cleared';
  }

  /** Ends this phone's session. What failed, when nobody could be told of it: then the phone is still in. */
  async leave(): Promise<ApiFailure | null> {
    // The room closes the sockets of a session that ends: that is no session that ran out, and nobody new comes in for it.
    this.#isLeaving = true;
    // Before the room hears of it: other tabs are closed, and look here, before the answer to this one is on its way.
    const remember = forgetShow(this.#show, this.api.way?.store);
    const answer = await this.api.logout();
    this.#isLeaving = false;
    const isOver = answer.ok || answer.status === 401 || answer.status === 410;
    if (!isOver) {
      remember();
      return answer;
    }
    this.#room?.close();
    this.#session?.close();
    this.#phase = { kind: 'left' };
    return null;
  }

  /** Closes room and session with the page. */
  close(): void {
    this.#isClosed = true;
    this.#room?.close();
    this.#session?.close();
  }
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => browserLater(resolve, 0));
}
