/**
 * The presenter's side of pairing: requests a code, shows it while it is valid, and checks whether it was used: when the room's
 * number of stages changes, and every ten seconds while a code is open. A code that is no longer on screen is withdrawn.
 */
import { phrase } from '#lib/language/phrase.ts';
import type { AnswerOf, PresenterApi } from './presenter-api.ts';
import { Changes } from './changes.ts';
import type { Cancel, Time } from './surroundings.ts';
import { browserTime } from './surroundings.ts';

const TICK_MS = 1_000;
/** How often the server is asked while a code waits, milliseconds: each is billed, and the room tells sooner as a rule. */
const LOOK_EVERY_MS = 10_000;

/** What the panel shows. Times are Unix milliseconds. */
export interface PairingView {
  phase:
    | { kind: 'idle' }
    | { kind: 'asking' }
    | { kind: 'showing'; secret: string; remainingMs: number }
    | { kind: 'signedIn'; label: string; at: number }
    | { kind: 'late' }
    | { kind: 'failed'; sentence: string };
  devices: readonly { label: string; at: number }[];
}

type PairingCalls = Pick<PresenterApi, 'offerPairing' | 'withdrawPairing' | 'pairingStatus'>;
type Offer = AnswerOf<'offerPairing'>;

/** Requests, shows and follows a presenter's pairing code. Make one in the browser only, and {@link PairingController.close} it when its panel goes. */
export class PairingController {
  #view: PairingView = { phase: { kind: 'idle' }, devices: [] };
  /** The code that waits; `until` on the monotonic clock. */
  #open: { offer: Offer; until: number; known: number } | null = null;
  #lookedAtMs = -Infinity;
  #cancel: Cancel | null = null;
  #isClosed = false;
  readonly #changes = new Changes();
  readonly #api: PairingCalls;
  readonly #time: Time;

  constructor(api: PairingCalls, time: Time = browserTime) {
    this.#api = api;
    this.#time = time;
  }

  /** What the panel shows now. */
  get view(): PairingView {
    this.#changes.read();
    return this.#view;
  }

  /** Asks for a code; one that waits is replaced. */
  async ask(): Promise<void> {
    if (this.#view.phase.kind === 'asking') return;
    this.#drop();
    this.#show({ phase: { kind: 'asking' } });
    const api = this.#api;
    const { clock } = this.#time;
    const answer = await api.offerPairing();
    if (this.#isClosed) {
      if (answer.ok) void api.withdrawPairing();
      return;
    }
    if (!answer.ok) return this.#show({ phase: { kind: 'failed', sentence: answer.message } });
    const until = clock.monotonic() + answer.data.expiresAt - answer.meta.timestamp;
    this.#open = { offer: answer.data, until, known: this.#view.devices.length };
    this.#lookedAtMs = clock.monotonic();
    this.#tick();
  }

  /** Takes the code back. */
  async withdraw(): Promise<void> {
    if (!this.#open) return;
    this.#drop();
    this.#show({ phase: { kind: 'idle' } });
    const answer = await this.#api.withdrawPairing();
    if (answer.ok || this.#isClosed) return;
    const sentence = phrase('The code could not be taken back: it dies by itself within two minutes.');
    this.#show({ phase: { kind: 'failed', sentence } });
  }

  /** Finds out which devices have signed in, and whether the code still waits. */
  async look(): Promise<void> {
    this.#lookedAtMs = this.#time.clock.monotonic();
    const shown = this.#open;
    const answer = await this.#api.pairingStatus();
    if (!answer.ok || this.#isClosed) return;
    const { devices, openUntil } = answer.data;
    this.#show({ devices });
    if (!shown || shown !== this.#open || openUntil !== null) return;
    this.#drop();
    const newest = devices.at(-1);
    const cameIn = newest !== undefined && devices.length > shown.known;
    this.#show({ phase: cameIn ? { kind: 'signedIn', ...newest } : { kind: 'late' } });
  }

  /** A code that still waits dies with the screen that showed it. */
  close(): void {
    this.#isClosed = true;
    if (this.#open) void this.#api.withdrawPairing();
    this.#drop();
  }

  #tick(): void {
    const { clock, later } = this.#time;
    if (!this.#open) return;
    const remainingMs = Math.max(0, this.#open.until - clock.monotonic());
    this.#show({ phase: { kind: 'showing', secret: this.#open.offer.secret, remainingMs } });
    const isDue = remainingMs === 0 || clock.monotonic() - this.#lookedAtMs >= LOOK_EVERY_MS;
    if (isDue) void this.look();
    if (remainingMs === 0) {
      // Nobody may scan it any more; a device that did at the last moment is told by the look.
      const late = this.#open;
      this.#cancel = later(() => {
        if (this.#open !== late) return;
        this.#drop();
        this.#show({ phase: { kind: 'late' } });
      }, TICK_MS * 3);
      return;
    }
    this.#cancel = later(() => {
      this.#tick();
    }, TICK_MS);
  }

  #drop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#open = null;
  }

  #show(change: Partial<PairingView>): void {
    this.#view = { ...this.#view, ...change };
    this.#changes.tell();
  }
}
