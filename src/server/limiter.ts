/**
 * Exact limits and claims of idempotency keys, in one object for each name of {@link limiterName}. Each method checks and writes
 * in one synchronous step, so that no two requests can pass by the same reading. An object whose rows have all expired is
 * deleted.
 */
import { DurableObject } from 'cloudflare:workers';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import { emptyAtMs, fullAfterToken, waitForWindow, waitMs } from '#lib/domain/rate.ts';
import type { PairingOffer, PairingStatus, Redeemed } from './sessions/pairing-secrets.ts';
import { offer, PAIRING_KEPT_MS, redeem } from './sessions/pairing-secrets.ts';
import { CountedSql } from './storage/counted-sql.ts';
import { openLimiterTables } from './storage/limiter-schema.ts';
import type { KeyClaim, KnownReset, ResetEpochs } from './storage/limiter-tables.ts';
import { LimiterTables } from './storage/limiter-tables.ts';
import { PairingTables } from './storage/pairing-tables.ts';
import type { Pairing } from './storage/pairing-tables.ts';

/** Most attempts in a minute, such as presenters' failed logins from one address. */
export const ATTEMPTS = { acts: 10, windowMs: 60_000 };
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
  #opened: { sql: CountedSql; limits: LimiterTables; pairings: PairingTables } | null = null;
  /** Alarms that were set since {@link #takeSpent}: each is billed as a row written. */
  #alarmsSet = 0;

  /** Takes one of the window's attempts, or says when the next will be free. A refused one is not counted. */
  takeAttempt(now: number): AttemptPermit {
    return this.#permit(this.#attempt(now));
  }

  /** Takes a participant's login to a show, or says when there is one again: see {@link JOIN_BUCKET}. */
  takeJoin(now: number): AttemptPermit {
    const { limits } = this.#tables;
    const known = limits.joinsFullAt() ?? now;
    // That time was kept by a clock that was set back since: the bucket is taken for a full one.
    const fullAt = known > emptyAtMs(JOIN_BUCKET, now) ? now : known;
    const retryAfterMs = waitMs(JOIN_BUCKET, fullAt, now);
    if (retryAfterMs === 0) limits.setJoinsFullAt(fullAfterToken(JOIN_BUCKET, fullAt, now));
    return this.#permit(retryAfterMs);
  }

  /**
   * Claims an idempotency key of a show for whoever asks and what it asks for; the same again is granted again, for as long
   * as the show's rooms are kept. False when the key stands for something else, or is somebody else's.
   */
  claimKey(claim: KeyClaim): Asked & { granted: boolean } {
    return this.#answer({ granted: this.#tables.limits.claimKey(claim) });
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
    const { limits } = this.#tables;
    limits.forgetResets(now - ANSWER_KEPT_MS);
    const resets = limits.resets();
    const same = resets.find((reset) => reset.key === key);
    if (same && same.fingerprint !== fingerprint) return this.#answer({ ok: false, reused: true });
    if (same?.answer) return this.#answer({ ok: true, replay: same.answer });
    const held = resets.filter((reset) => reset !== same).map(holdsUntil);
    // As above: by a clock that was set back nobody is held for longer.
    const freeAt = Math.max(0, ...held.filter((until) => until - now <= 2 * RESET_WINDOW_MS));
    if (freeAt > now) return this.#permit(freeAt - now);
    limits.beginReset(key, fingerprint, now);
    this.#wakeToForget(now + ANSWER_KEPT_MS);
    return this.#permit(0);
  }

  /** The reset succeeded: it counts from now, and its answer is kept for the same key. Returns the cost of this call. */
  finishReset(key: string, answer: ResetEpochs, now: number): MeterCounts {
    this.#tables.limits.finishReset(key, answer, now);
    return this.#takeSpent();
  }

  /**
   * The reset did not happen: it does not count, and its place is free. Its row stays, because the same request may be under
   * way twice and the other may succeed. Returns the cost of this call.
   */
  abandonReset(key: string): MeterCounts {
    this.#tables.limits.backdateReset(key, RESERVATION_MS);
    return this.#takeSpent();
  }

  /** Keeps a pairing secret (see pairing-secrets.ts); `waitMs` is null, or says when another may be made. */
  offerPairing(wanted: PairingOffer, now: number): Asked & { waitMs: number | null } {
    const waitMs = offer(this.#tables.pairings, wanted, now);
    if (waitMs === null) this.#wakeToForget(now + PAIRING_KEPT_MS);
    return this.#answer({ waitMs });
  }

  /** Uses a pairing secret up. Ids that do not exist are counted as logins of this object are; real ones never are. */
  redeemPairing(
    shown: Pick<Pairing, 'id' | 'hash'>,
    now: number,
  ): Asked & { redeemed: Redeemed; waitMs: number | null } {
    const redeemed = redeem(this.#tables.pairings, shown, now);
    const waitMs = redeemed.outcome === 'unknown' ? this.#attempt(now) : 0;
    return this.#answer({ redeemed, waitMs: waitMs > 0 ? waitMs : null });
  }

  /** Ends the unused pairing secret of a session. Returns what saying so cost. */
  withdrawPairing(maker: string, now: number): MeterCounts {
    this.#tables.pairings.expire(maker, now);
    return this.#takeSpent();
  }

  /** The session that a used secret became. Returns what saying so cost. */
  namePairing(id: string, label: string): MeterCounts {
    this.#tables.pairings.name(id, label);
    return this.#takeSpent();
  }

  /** What became of the secrets of a show. */
  pairingStatus(maker: string, now: number): Asked & PairingStatus {
    const { pairings } = this.#tables;
    return this.#answer({ openUntil: pairings.openUntil(maker, now), devices: pairings.devices() });
  }

  /** Forgets what no longer limits anything, and deletes the object when nothing is left. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const { limits, pairings } = this.#tables;
    limits.forgetLogins(now - ATTEMPTS.windowMs);
    limits.forgetResets(now - ANSWER_KEPT_MS);
    pairings.forget(now - PAIRING_KEPT_MS);
    const lastUntil = Math.max(
      limits.joinsFullAt() ?? 0,
      ...pairings.madeAfter(0).map((at) => at + PAIRING_KEPT_MS),
      ...limits.logins().map((at) => at + ATTEMPTS.windowMs),
      ...limits.resets().map(({ begunAt, doneAt }) => (doneAt ?? begunAt) + ANSWER_KEPT_MS),
    );
    // What is kept by time is over by now or will be; keys are kept with their show, whose rooms say when.
    const isOver = lastUntil <= now && !limits.hasKeys();
    if (lastUntil > now) this.#wakeToForget(lastUntil);
    // Nobody is charged for cleaning up.
    this.#takeSpent();
    if (isOver) await this.forget();
  }

  /** The tables, made on first use together with the alarm that deletes them. */
  get #tables() {
    if (this.#opened) return this.#opened;
    const sql = new CountedSql(this.ctx.storage.sql);
    if (openLimiterTables(sql, this.ctx.storage) !== 'current') {
      void this.ctx.storage.setAlarm(Date.now() + ATTEMPTS.windowMs);
    }
    // Nobody is charged for a look at their version.
    sql.takeSpent();
    return (this.#opened = { sql, limits: new LimiterTables(sql), pairings: new PairingTables(sql) });
  }

  /** Takes an attempt: 0, or milliseconds until there is one. */
  #attempt(now: number): number {
    const { limits } = this.#tables;
    limits.forgetLogins(now - ATTEMPTS.windowMs);
    const waitMs = waitForWindow(limits.logins(), ATTEMPTS, now);
    if (waitMs > 0) return waitMs;
    limits.addLogin(now);
    this.#wakeToForget(now + ATTEMPTS.windowMs);
    return 0;
  }

  #permit(retryAfterMs: number): AttemptPermit {
    return this.#answer(retryAfterMs > 0 ? { ok: false, retryAfterMs } : { ok: true });
  }

  #answer<T>(said: T): T & Asked {
    return { ...said, spent: this.#takeSpent() };
  }

  /** The call that is answered, and the rows since the one before. */
  #takeSpent(): MeterCounts {
    const spent: MeterCounts = { 'do.request': 1, 'do.rowWritten': this.#alarmsSet };
    this.#alarmsSet = 0;
    addCounts(spent, this.#tables.sql.takeSpent());
    return spent;
  }

  /** Not awaited: the platform commits the alarm with the rows, and holds the answer until both are durable. */
  #wakeToForget(at: number): void {
    void this.ctx.storage.setAlarm(at);
    this.#alarmsSet += 1;
  }
}

/** Until when a reset keeps others from beginning. */
function holdsUntil({ begunAt, doneAt }: KnownReset): number {
  return doneAt === null ? begunAt + RESERVATION_MS : doneAt + RESET_WINDOW_MS;
}
