/** What this device's presenter showed at the door, by the record that is kept of the session. */
import type { Proof } from '#lib/protocol/http.ts';
import { Changes } from './changes.ts';
import type { PresenterApi } from './presenter-api.ts';

export type { Proof };

/** Asks once. Null before the answer, without one, and in a rehearsal, where nobody signs in. */
export class SignInProof {
  #shown: Proof | null = null;
  readonly #changes = new Changes();

  constructor(api: Pick<PresenterApi, 'me'>) {
    void this.#ask(api);
  }

  /** The proof, once it is known. */
  get shown(): Proof | null {
    this.#changes.read();
    return this.#shown;
  }

  async #ask(api: Pick<PresenterApi, 'me'>): Promise<void> {
    const me = await api.me();
    this.#shown = me.ok ? (me.data.stored?.proof ?? null) : null;
    this.#changes.tell();
  }
}
