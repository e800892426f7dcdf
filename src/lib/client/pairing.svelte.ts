/** Pairing as pages' live state: thin shells of runes around {@link PairingDesk} and {@link PairingEntry}. */
import type { PresenterApi } from './presenter-api.ts';
import { createPresenterApi } from './presenter-api.ts';
import { lastShow, rememberShow } from './last-show.ts';
import type { PairingView } from './pairing-desk.ts';
import { PairingDesk } from './pairing-desk.ts';
import type { PairingPhase } from './pairing-entry.ts';
import { PairingEntry } from './pairing-entry.ts';
import { takePairingSecret } from './pairing-link.ts';
import { browserClock, browserLater } from './surroundings.ts';

/** The presenter's side. Make one in the browser only, and {@link LivePairingDesk.close} it when its panel goes. */
export class LivePairingDesk {
  #view = $state.raw<PairingView>({ phase: { kind: 'idle' }, devices: [] });
  readonly #desk: PairingDesk;

  constructor(api: PresenterApi) {
    this.#desk = new PairingDesk({
      api,
      clock: browserClock,
      later: browserLater,
      onChange: (view) => {
        this.#view = view;
      },
    });
  }

  get view(): PairingView {
    return this.#view;
  }
  ask(): Promise<void> {
    return this.#desk.ask();
  }
  withdraw(): Promise<void> {
    return this.#desk.withdraw();
  }
  look(): Promise<void> {
    return this.#desk.look();
  }
  close(): void {
    this.#desk.close();
  }
}

/** The scanning device's side: begins by itself when the address brings a code. */
export class LivePairingEntry {
  #phase = $state.raw<PairingPhase>({ kind: 'none' });
  readonly #entry: PairingEntry;

  constructor(show: string | null) {
    this.#entry = new PairingEntry({
      api: createPresenterApi(),
      show,
      mayPresent: () => lastShow() !== null,
      takeSecret: () => takePairingSecret(location, history),
      onChange: (phase) => {
        this.#phase = phase;
      },
      onSignedIn: (code) => rememberShow(code),
    });
  }

  get phase(): PairingPhase {
    return this.#phase;
  }
  /** The address has changed. */
  read(): Promise<void> {
    return this.#entry.read();
  }
  retry(): Promise<void> {
    return this.#entry.begin();
  }
  replace(): Promise<void> {
    return this.#entry.replace();
  }
}
