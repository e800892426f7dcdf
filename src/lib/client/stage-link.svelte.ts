/**
 * How the control screen and the stage agree on what is the stage's own affair: which product is shown, and whether the
 * code is. It is no state of the room, so it does not go through the room: both pages are of one origin and one browser,
 * and share a BroadcastChannel, which tells at once, and localStorage, which a reloaded stage reads. A stage in another
 * browser is not reached: there its own keys do the same.
 */
import * as v from 'valibot';
import { safeStorage } from './surroundings.ts';

const SETTINGS = v.object({ skuId: v.nullable(v.string()), codeHidden: v.boolean() });
/** What is shown on the stage. */
export type StageSettings = v.InferOutput<typeof SETTINGS>;

const DEFAULTS: StageSettings = { skuId: null, codeHidden: false };
const localStore = safeStorage(() => localStorage);

/** One page's end of the link. Make it in the browser only, and {@link StageLink.close} it when its page goes. */
export class StageLink {
  #settings = $state.raw(DEFAULTS);
  readonly #key: string;
  readonly #channel: BroadcastChannel;

  constructor(show: string) {
    this.#key = `rgl.stage.${show}`;
    this.#settings = parse(localStore.getItem(this.#key)) ?? DEFAULTS;
    this.#channel = new BroadcastChannel(this.#key);
    this.#channel.onmessage = ({ data }) => {
      const heard = v.safeParse(SETTINGS, data);
      if (heard.success) this.#settings = heard.output;
    };
  }

  get skuId(): string | null {
    return this.#settings.skuId;
  }
  get codeHidden(): boolean {
    return this.#settings.codeHidden;
  }

  /** Changes some of it, on both screens. */
  set(change: Partial<StageSettings>): void {
    this.#settings = { ...this.#settings, ...change };
    localStore.setItem(this.#key, JSON.stringify(this.#settings));
    this.#channel.postMessage(this.#settings);
  }

  close(): void {
    this.#channel.close();
  }
}

function parse(text: string | null): StageSettings | null {
  if (text === null) return null;
  try {
    const parsed = v.safeParse(SETTINGS, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
