/**
 * A device that has scanned a pairing code: exchanges the secret in its address for a session, once. A browser that presents this
 * show already does not use the secret; one that presents another show asks first.
 */
import type { ApiFailure } from './api.ts';
import { Changes } from './changes.ts';
import { presentedShow } from './last-show.ts';
import type { PresenterApi } from './presenter-api.ts';
import { createPresenterApi } from './presenter-api.ts';
import { takePairingSecret } from './secret-links.ts';
import { join } from './identity.ts';
import type { Store } from './surroundings.ts';

/** How it stands. `none`: there is nothing to exchange, or it is done. */
export type PairingPhase =
  | { kind: 'none' }
  | { kind: 'exchanging' }
  /** This browser presents another show: its session would be replaced. */
  | { kind: 'other'; show: string }
  | { kind: 'refused'; sentence: string; canRetry: boolean };

/** What an entry needs. */
export interface PairingEntryNeeds {
  api: PresenterApi;
  /** Code of the show that the address names; null when it names none. */
  show: string | null;
  /** Whether this browser may present a show already: only then is the server asked. */
  mayPresent: () => boolean;
  /** Takes the secret out of the address; null when there is none. */
  takeSecret: () => string | null;
  /** The exchange worked. */
  onSignedIn: (show: string) => void;
  store?: Store;
}

/** What this page's address brings, if anything: begins by itself. `show` is what it names. Make one in the browser only. */
export function enterByPairing(show: string | null): PairingEntry {
  return new PairingEntry({
    api: createPresenterApi(),
    show,
    mayPresent: () => presentedShow.code !== null,
    takeSecret: () => takePairingSecret(location, history),
    onSignedIn: (code) => presentedShow.remember(code),
  });
}

/** Refusals after which the same code may still be good: nobody has looked at it yet. */
const UNSEEN = new Set<ApiFailure['code']>(['OFFLINE', 'RATE_LIMITED']);

/** Exchanges a pairing secret from the address for a presenter's session, once. */
export class PairingEntry {
  #phase: PairingPhase = { kind: 'none' };
  #secret: string | null = null;
  readonly #changes = new Changes();
  readonly #needs: PairingEntryNeeds;

  constructor(needs: PairingEntryNeeds) {
    this.#needs = needs;
    void this.read();
  }

  /** The current phase. */
  get phase(): PairingPhase {
    this.#changes.read();
    return this.#phase;
  }

  /** Looks into the address, and goes on with what stands there. */
  async read(): Promise<void> {
    const { show, takeSecret } = this.#needs;
    const secret = takeSecret();
    if (secret === null || show === null) return;
    this.#secret = secret;
    await this.begin();
  }

  /** Exchanges the secret unless this browser presents a show already; or tries again. */
  async begin(): Promise<void> {
    const { api, show, mayPresent } = this.#needs;
    if (this.#secret === null || show === null || this.#phase.kind === 'exchanging') return;
    this.#show({ kind: 'exchanging' });
    if (!mayPresent()) return this.#exchange(show, this.#secret);
    const me = await api.me();
    if (me.ok && me.data.show !== show) return this.#show({ kind: 'other', show: me.data.show });
    if (!me.ok && me.code === 'OFFLINE') return this.#refuse(me);
    if (!me.ok) return this.#exchange(show, this.#secret);
    this.#done();
  }

  /** Exchanges the secret though another show's session is replaced by it. */
  async replace(): Promise<void> {
    const { show } = this.#needs;
    if (this.#secret === null || show === null || this.#phase.kind !== 'other') return;
    this.#show({ kind: 'exchanging' });
    await this.#exchange(show, this.#secret);
  }

  async #exchange(show: string, secret: string): Promise<void> {
    const { api, store } = this.#needs;
    const redeeming: PresenterApi = { ...api, login: () => api.redeemPairing(show, secret) };
    const entered = await join({ api: redeeming, role: 'presenter', show, ...(store ? { store } : {}) });
    if (!entered.ok) return this.#refuse(entered);
    this.#needs.onSignedIn(show);
    this.#done();
  }

  #refuse(failure: ApiFailure): void {
    const canRetry = UNSEEN.has(failure.code);
    if (!canRetry) this.#secret = null;
    this.#show({ kind: 'refused', sentence: failure.message, canRetry });
  }

  #done(): void {
    this.#secret = null;
    this.#show({ kind: 'none' });
  }

  #show(phase: PairingPhase): void {
    this.#phase = phase;
    this.#changes.tell();
  }
}
