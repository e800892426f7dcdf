/**
 * The switch between a live show and its rehearsal, as a page's live state. Everything behind it is loaded when it is used,
 * or ahead of time where a page says so: a phone that never rehearses loads none of it.
 */
import { phrase } from '#lib/language/phrase.ts';
import { getContext, setContext } from 'svelte';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Role } from '#lib/protocol/http.ts';
import { fetchPart } from './part.ts';
import type { Stay } from './rehearsal.ts';

const PLACE = Symbol('rehearsal');
/** What was noted ahead of time may fail; only what was asked for loads the page of an older build again. */
const load = () => import('./rehearsal.ts');
const rehearsal = (isAsked = false) => (isAsked ? fetchPart(load) : load());

/** Switches a page between its live show and a rehearsal. Make it in the browser only. */
export class RehearsalSwitch {
  #isOn = $state(false);
  #stay = $state.raw<Stay | null>(null);
  #problem = $state('');
  #isPrepared = $state(false);
  /** Counts entries, so that one that was overtaken by the next press is dropped. */
  #round = 0;
  #noted = '';
  readonly #code: string | null;
  readonly #role: Role;

  constructor(code: string | null, role: Role) {
    this.#code = code;
    this.#role = role;
  }

  /** True while the page is in a rehearsal. */
  get isOn(): boolean {
    return this.#isOn;
  }
  /** The rehearsal that the page is in; null while it is being entered, and in a live show. */
  get stay(): Stay | null {
    return this.#stay;
  }
  /** True once the network may fail: everything that the rehearsal needs is here. */
  get isPrepared(): boolean {
    return this.#isPrepared;
  }
  /** Why it could not be entered. */
  get problem(): string {
    return this.#problem;
  }

  /** Goes over to the rehearsal, or back to the live show. `state` is where the show stands, if that was not noted. */
  set(on: boolean, state: RoomState | null = null): void {
    if (on === this.#isOn || this.#code === null) return;
    this.#isOn = on;
    this.#problem = '';
    this.#stay?.close();
    this.#stay = null;
    const round = ++this.#round;
    if (on) void this.#enter(this.#code, state, round);
  }

  /** Fetches what the rehearsal needs, so that the network may fail afterwards. */
  async prepare(): Promise<void> {
    try {
      await (await rehearsal()).prepareRehearsal();
      this.#isPrepared = true;
    } catch {
      // Asked for again when it is needed; the switch says so when it cannot be had then.
    }
  }

  /** Remembers where the live show stands: that is where a rehearsal goes on. */
  note(state: RoomState): void {
    if (this.#isOn || this.#code === null) return;
    const seen = `${state.sku.id} ${state.mode} ${state.step} ${state.hold?.goAtMs}`;
    if (seen === this.#noted) return;
    this.#noted = seen;
    void this.#remember(this.#code, state);
  }

  /** The page goes. */
  close(): void {
    this.#round += 1;
    this.#stay?.close();
  }

  async #remember(code: string, state: RoomState): Promise<void> {
    try {
      (await rehearsal()).noteState(code, state);
    } catch {
      this.#noted = '';
    }
  }

  async #enter(code: string, state: RoomState | null, round: number): Promise<void> {
    try {
      const { enterRehearsal, noteState } = await rehearsal(true);
      if (state) noteState(code, state);
      const entered = await fetchPart(() => enterRehearsal(code, this.#role));
      if (round !== this.#round) {
        if ('close' in entered) entered.close();
      } else if ('close' in entered) this.#stay = entered;
      else this.#problem = entered.message;
    } catch {
      this.#problem = phrase('The rehearsal was never loaded here, and there is no network to load it now.');
    }
  }
}

/** Hands the page's switch down to its parts. */
export function provideRehearsal(rehearsal: RehearsalSwitch): RehearsalSwitch {
  return setContext(PLACE, rehearsal);
}

/** The page's switch; null on a page that has none. */
export function rehearsalOfPage(): RehearsalSwitch | null {
  return getContext<RehearsalSwitch | undefined>(PLACE) ?? null;
}
