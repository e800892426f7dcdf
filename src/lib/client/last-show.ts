/** Which shows this browser saw last: so that the door and the guide offer the way back, and ask the server only when there is one. */
import { isShowCode } from '#lib/domain/show-code.ts';
import { localStore } from './surroundings.ts';

/** The code of one show, kept under a name. It says nothing of whether the show still runs. */
class KeptCode {
  readonly #place: string;

  constructor(place: string) {
    this.#place = place;
  }

  get code(): string | null {
    const code = localStore.getItem(this.#place);
    return code !== null && isShowCode(code) ? code : null;
  }

  remember(code: string): void {
    localStore.setItem(this.#place, code);
  }
  forget(): void {
    localStore.removeItem(this.#place);
  }
}

/** The show that was opened here last, until it ends here. */
export const presentedShow = new KeptCode('rgl.presenting');
/** The show whose figures the guide read last: one that has ended is no longer the one that is presented. */
export const readShow = new KeptCode('rgl.guide');
