/**
 * Exact limits for what may be done only so often from one address: logins of presenters, and resets. One object per
 * kind and address (see {@link limiterName}); each method checks and writes in one synchronous step, so that no two
 * requests can pass by the same reading.
 */
import { DurableObject } from 'cloudflare:workers';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import type { Env } from './env.ts';
import type { PairingOffer, PairingStatus, Redeemed } from './sessions/pair-desk.ts';
import { offer, PAIRING_KEPT_MS, redeem, statusOf } from './sessions/pair-desk.ts';
import { openLimiterTables } from './storage/limiter-schema.ts';
import type { KnownReset, ResetEpochs } from './storage/limiter-tables.ts';
import { LimiterTables } from './storage/limiter-tables.ts';
import { PairingTables } from './storage/pairing-tables.ts';

/** Presenters' logins from one address in {@link LOGIN_WINDOW_MS}. */
export const MAX_LOGINS = 10;
/** The sliding window of logins, milliseconds. */
export const LOGIN_WINDOW_MS = 60_000;
/** One successful reset per this time, milliseconds. */
export const RESET_WINDOW_MS = 60_000;
/** A reset under way holds its place this long, milliseconds: whoever made it may have died before it could say. */
export const RESERVATION_MS = 10_000;
/** A reset's answer is repeated for its key this long, milliseconds: longer than any client tries again. */
export const ANSWER_KEPT_MS = 86_400_000;

/** What asking has cost, for the room that it is charged to. */
interface Asked {
  spent: MeterCounts;
}
/** May a login go on? */
export type LoginPermit = Asked & ({ ok: true } | { ok: false; retryAfterMs: number });
/** May a reset go on? With `replay` it was done before: answer that, and do nothing. */
export type ResetPermit = Asked &
  ({ ok: true; replay?: ResetEpochs } | { ok: false; retryAfterMs: number } | { ok: false; reused: true });

/**
 * Name of the object that limits one kind of act: logins and resets from one address (by its keyed hash), pairings of one
 * show (by its code), pre-flight checks of one session (by its id).
 */
export function limiterName(kind: 'login' | 'reset' | 'pair' | 'preflight', whose: string): string {
  return `${kind}:${whose}`;
}

/** Counts acts from one address. All times are Unix milliseconds, given by the caller. */
export class Limiter extends DurableObject<Env> {
  readonly #tables: LimiterTables;
  readonly #pairings: PairingTables;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    openLimiterTables(ctx.storage);
    this.#tables = new LimiterTables(ctx.storage.sql);
    this.#pairings = new PairingTables(ctx.storage.sql);
  }

  /** Takes one of the window's logins, or says when the next will be free. A refused one is not counted. */
  takeLogin(now: number): LoginPermit {
    const spent: MeterCounts = { 'do.request': 1 };
    this.#tables.forgetLogins(spent, now - LOGIN_WINDOW_MS);
    const logins = this.#tables.logins(spent);
    const [oldest] = logins;
    if (oldest !== undefined && logins.length >= MAX_LOGINS) {
      return { ok: false, retryAfterMs: oldest + LOGIN_WINDOW_MS - now, spent };
    }
    this.#tables.addLogin(spent, now);
    this.#wakeToForget(spent, now + LOGIN_WINDOW_MS);
    return { ok: true, spent };
  }

  /**
   * Asks for a reset, and holds its place for {@link RESERVATION_MS}. `key` is the request's idempotency key, and
   * `fingerprint` says what it would reset (show and SKU, or all): the same key for something else is `reused`.
   * The same key again while it is under way may go on: rooms do a key once. Say how it ended with
   * {@link finishReset} or {@link abandonReset}.
   */
  beginReset(key: string, fingerprint: string, now: number): ResetPermit {
    const spent: MeterCounts = { 'do.request': 1 };
    this.#tables.forgetResets(spent, now - ANSWER_KEPT_MS);
    const resets = this.#tables.resets(spent);
    const same = resets.find((reset) => reset.key === key);
    if (same && same.fingerprint !== fingerprint) return { ok: false, reused: true, spent };
    if (same?.answer) return { ok: true, replay: same.answer, spent };
    const freeAt = Math.max(0, ...resets.filter((reset) => reset !== same).map(holdsUntil));
    if (freeAt > now) return { ok: false, retryAfterMs: freeAt - now, spent };
    this.#tables.beginReset(spent, key, fingerprint, now);
    this.#wakeToForget(spent, now + ANSWER_KEPT_MS);
    return { ok: true, spent };
  }

  /** The reset succeeded: it counts from now, and its answer is kept for the same key. Returns what saying so cost. */
  finishReset(key: string, answer: ResetEpochs, now: number): MeterCounts {
    const spent: MeterCounts = { 'do.request': 1 };
    this.#tables.finishReset(spent, key, answer, now);
    return spent;
  }

  /**
   * The reset did not happen: it does not count, and its place is free. Its row stays, holding nothing: the same request
   * may be under way twice, and the other may succeed. Returns what saying so cost.
   */
  abandonReset(key: string): MeterCounts {
    const spent: MeterCounts = { 'do.request': 1 };
    this.#tables.backdateReset(spent, key, RESERVATION_MS);
    return spent;
  }

  /** Keeps a pairing secret (see pair-desk.ts); `waitMs` is null, or says when another may be made. */
  offerPairing(wanted: PairingOffer, now: number): Asked & { waitMs: number | null } {
    const spent: MeterCounts = { 'do.request': 1 };
    const waitMs = offer(this.#pairings, spent, wanted, now);
    if (waitMs === null) this.#wakeToForget(spent, now + PAIRING_KEPT_MS);
    return { waitMs, spent };
  }

  /** Uses a pairing secret up. Ids that do not exist are counted as logins of this object are; real ones never are. */
  redeemPairing(
    shown: { id: string; hash: ArrayBuffer },
    now: number,
  ): Asked & { redeemed: Redeemed; waitMs: number | null } {
    const spent: MeterCounts = { 'do.request': 1 };
    const redeemed = redeem(this.#pairings, spent, shown, now);
    const permit = redeemed.outcome === 'unknown' ? this.takeLogin(now) : null;
    return { redeemed, waitMs: permit && !permit.ok ? permit.retryAfterMs : null, spent };
  }

  /** Ends the unused pairing secret of a session. Returns what saying so cost. */
  withdrawPairing(maker: string, now: number): MeterCounts {
    const spent: MeterCounts = { 'do.request': 1 };
    this.#pairings.expire(spent, maker, now);
    return spent;
  }

  /** The session that a used secret became. Returns what saying so cost. */
  namePairing(id: string, label: string): MeterCounts {
    const spent: MeterCounts = { 'do.request': 1 };
    this.#pairings.name(spent, id, label);
    return spent;
  }

  /** What became of the secrets of a show. */
  pairingStatus(maker: string, now: number): Asked & PairingStatus {
    const spent: MeterCounts = { 'do.request': 1 };
    return { ...statusOf(this.#pairings, spent, maker, now), spent };
  }

  /** Forgets what no longer limits anything, so that an address that is gone leaves nothing behind. */
  override alarm(): void {
    const now = Date.now();
    const unbilled: MeterCounts = {};
    this.#tables.forgetLogins(unbilled, now - LOGIN_WINDOW_MS);
    this.#tables.forgetResets(unbilled, now - ANSWER_KEPT_MS);
    this.#pairings.forget(unbilled, now - PAIRING_KEPT_MS);
    const lastUntil = Math.max(
      0,
      ...this.#pairings.madeAfter(unbilled, 0).map((at) => at + PAIRING_KEPT_MS),
      ...this.#tables.logins(unbilled).map((at) => at + LOGIN_WINDOW_MS),
      ...this.#tables.resets(unbilled).map(({ begunAt, doneAt }) => (doneAt ?? begunAt) + ANSWER_KEPT_MS),
    );
    if (lastUntil > 0) this.#wakeToForget(unbilled, lastUntil);
  }

  /** Not awaited: the platform commits the alarm with the rows, and holds the answer until both are durable. */
  #wakeToForget(spent: MeterCounts, at: number): void {
    void this.ctx.storage.setAlarm(at);
    addCounts(spent, { 'do.rowWritten': 1 });
  }
}

/** Until when a reset keeps others from beginning. */
function holdsUntil({ begunAt, doneAt }: KnownReset): number {
  return doneAt === null ? begunAt + RESERVATION_MS : doneAt + RESET_WINDOW_MS;
}
