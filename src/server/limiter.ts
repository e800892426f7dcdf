/**
 * Exact limits and claims of idempotency keys, in one object for each name of {@link limiterName}. Each method checks and writes
 * in one synchronous step, so that no two requests can pass by the same reading. An object whose rows have all expired is
 * deleted.
 */
import { DurableObject } from 'cloudflare:workers';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import { emptyAtMs, fullAfterToken, waitMs } from '#lib/domain/rate.ts';
import type { PairingOffer, PairingStatus, Redeemed } from './sessions/pairing-secrets.ts';
import { offer, PAIRING_KEPT_MS, redeem, statusOf } from './sessions/pairing-secrets.ts';
import { openLimiterTables } from './storage/limiter-schema.ts';
import type { KeyClaim, KnownReset, ResetEpochs } from './storage/limiter-tables.ts';
import { LimiterTables } from './storage/limiter-tables.ts';
import { PairingTables } from './storage/pairing-tables.ts';

/** Most attempts in {@link ATTEMPT_WINDOW_MS}, such as presenters' failed logins from one address. */
export const MAX_ATTEMPTS = 10;
/** The sliding window of attempts, milliseconds. */
export const ATTEMPT_WINDOW_MS = 60_000;
/** One successful reset per this time, milliseconds. */
export const RESET_WINDOW_MS = 60_000;
/** How long a reset that is under way holds its place, milliseconds, because its caller may have died. */
export const RESERVATION_MS = 10_000;
/**
 * Participants' logins to one show: this many at once, and {@link JOINS_PER_SECOND} a second afterwards. Six times the 300 phones
 * of a venue can join at once, and 5,000 within a quarter of a minute; a script cannot join faster.
 */
export const JOIN_BUCKET = { tokens: 2_000, tokenMs: 5 };
/** How long a reset's answer is kept for its key, milliseconds: longer than any client retries. */
export const ANSWER_KEPT_MS = 86_400_000;

/** Cost of the call, for the room that is charged. */
interface Asked {
  spent: MeterCounts;
}
/** Whether an attempt is allowed, or when. */
export type AttemptPermit = Asked & ({ ok: true } | { ok: false; retryAfterMs: number });
/** Whether a reset may go on. With `replay` it was done before, and that answer is to be repeated. */
export type ResetPermit = Asked &
  ({ ok: true; replay?: ResetEpochs } | { ok: false; retryAfterMs: number } | { ok: false; reused: true });

/** What a limiter may be about: see {@link limiterName}. */
type LimiterKind = 'login' | 'reset' | 'pair' | 'join' | 'keys' | 'preflight';

/**
 * Name of the object that limits one kind of act: failed logins and resets from one address (by its keyed hash); pairings,
 * logins of participants and idempotency keys of one show (by its code); pre-flight checks of one session (by its id).
 */
export function limiterName(kind: LimiterKind, whose: string): string {
  return `${kind}:${whose}`;
}

/**
 * One limiter object: exact limits, pairing codes and claims of idempotency keys. All times are Unix milliseconds, given
 * by the caller.
 */
export class Limiter extends DurableObject {
  /** Null until something is asked, and again once everything was deleted. */
  #opened: { limits: LimiterTables; pairings: PairingTables } | null = null;

  /** Takes one of the window's attempts, or says when the next will be free. A refused one is not counted. */
  takeAttempt(now: number): AttemptPermit {
    const spent: MeterCounts = { 'do.request': 1 };
    this.#tables.forgetLogins(spent, now - ATTEMPT_WINDOW_MS);
    // Times further ahead than the window were stored before the clock was set back.
    const logins = this.#tables.logins(spent).filter((at) => at - now <= ATTEMPT_WINDOW_MS);
    const [oldest] = logins;
    if (oldest !== undefined && logins.length >= MAX_ATTEMPTS) {
      return { ok: false, retryAfterMs: oldest + ATTEMPT_WINDOW_MS - now, spent };
    }
    this.#tables.addLogin(spent, now);
    this.#wakeToForget(spent, now + ATTEMPT_WINDOW_MS);
    return { ok: true, spent };
  }

  /** Takes a participant's login to a show, or says when there is one again: see {@link JOIN_BUCKET}. */
  takeJoin(now: number): AttemptPermit {
    const spent: MeterCounts = { 'do.request': 1 };
    const known = this.#tables.joinsFullAt(spent) ?? now;
    // That time was kept by a clock that was set back since: the bucket is taken for a full one.
    const fullAt = known > emptyAtMs(JOIN_BUCKET, now) ? now : known;
    const retryAfterMs = waitMs(JOIN_BUCKET, fullAt, now);
    if (retryAfterMs > 0) return { ok: false, retryAfterMs, spent };
    this.#tables.setJoinsFullAt(spent, fullAfterToken(JOIN_BUCKET, fullAt, now));
    return { ok: true, spent };
  }

  /**
   * Claims an idempotency key of a show for whoever asks and what it asks for; the same again is granted again, for as long
   * as the show's rooms are kept. False when the key stands for something else, or is somebody else's.
   */
  claimKey(claim: KeyClaim): Asked & { granted: boolean } {
    const spent: MeterCounts = { 'do.request': 1 };
    return { granted: this.#tables.claimKey(spent, claim), spent };
  }

  /** The show is forgotten, and everything that is kept here with it. */
  async forget(): Promise<void> {
    this.#opened = null;
    await this.ctx.storage.deleteAll();
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
    const held = resets.filter((reset) => reset !== same).map(holdsUntil);
    // As above: by a clock that was set back nobody is held for longer.
    const freeAt = Math.max(0, ...held.filter((until) => until - now <= 2 * RESET_WINDOW_MS));
    if (freeAt > now) return { ok: false, retryAfterMs: freeAt - now, spent };
    this.#tables.beginReset(spent, key, fingerprint, now);
    this.#wakeToForget(spent, now + ANSWER_KEPT_MS);
    return { ok: true, spent };
  }

  /** The reset succeeded: it counts from now, and its answer is kept for the same key. Returns the cost of this call. */
  finishReset(key: string, answer: ResetEpochs, now: number): MeterCounts {
    const spent: MeterCounts = { 'do.request': 1 };
    this.#tables.finishReset(spent, key, answer, now);
    return spent;
  }

  /**
   * The reset did not happen: it does not count, and its place is free. Its row stays, because the same request may be under
   * way twice and the other may succeed. Returns the cost of this call.
   */
  abandonReset(key: string): MeterCounts {
    const spent: MeterCounts = { 'do.request': 1 };
    this.#tables.backdateReset(spent, key, RESERVATION_MS);
    return spent;
  }

  /** Keeps a pairing secret (see pairing-secrets.ts); `waitMs` is null, or says when another may be made. */
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
    const permit = redeemed.outcome === 'unknown' ? this.takeAttempt(now) : null;
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

  /** Forgets what no longer limits anything, and deletes the object when nothing is left. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const unbilled: MeterCounts = {};
    this.#tables.forgetLogins(unbilled, now - ATTEMPT_WINDOW_MS);
    this.#tables.forgetResets(unbilled, now - ANSWER_KEPT_MS);
    this.#pairings.forget(unbilled, now - PAIRING_KEPT_MS);
    const lastUntil = Math.max(
      this.#tables.joinsFullAt(unbilled) ?? 0,
      ...this.#pairings.madeAfter(unbilled, 0).map((at) => at + PAIRING_KEPT_MS),
      ...this.#tables.logins(unbilled).map((at) => at + ATTEMPT_WINDOW_MS),
      ...this.#tables.resets(unbilled).map(({ begunAt, doneAt }) => (doneAt ?? begunAt) + ANSWER_KEPT_MS),
    );
    // What is kept by time is over by now or will be; keys are kept with their show, whose rooms say when.
    if (lastUntil > now) this.#wakeToForget(unbilled, lastUntil);
    else if (!this.#tables.hasKeys(unbilled)) await this.forget();
  }

  get #tables(): LimiterTables {
    return this.#open().limits;
  }

  get #pairings(): PairingTables {
    return this.#open().pairings;
  }

  /** The tables, made on first use together with the alarm that deletes them. */
  #open() {
    if (this.#opened) return this.#opened;
    const { sql } = this.ctx.storage;
    if (openLimiterTables(this.ctx.storage) !== 'current') {
      void this.ctx.storage.setAlarm(Date.now() + ATTEMPT_WINDOW_MS);
    }
    return (this.#opened = { limits: new LimiterTables(sql), pairings: new PairingTables(sql) });
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
