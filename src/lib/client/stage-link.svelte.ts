/** The link between a presenter's screens as a page's live state: a thin shell of runes around {@link StageLinkCore}. */
import { StageLinkCore } from './stage-link.ts';
import type { StageAnswer, StageSettings, StageWords } from './stage-link.ts';
import { browserLater, safeStorage } from './surroundings.ts';

/** Make one in the browser only, and {@link StageLink.close} it when its page goes. */
export class StageLink {
  #settings = $state.raw<StageSettings>({ skuId: null, code: 'corner', blank: false });
  #answer = $state.raw<StageAnswer>('asked');
  readonly #core: StageLinkCore;
  readonly #channel: BroadcastChannel;

  /**
   * One end in a show that sells these; `isStage` on the stage itself. Screens of a rehearsal have a link of their own: what
   * is pressed there must not darken a stage that is live.
   */
  constructor(show: string, skus: readonly { id: string }[], isStage: boolean, isRehearsal: boolean) {
    const name = isRehearsal ? `${show}.rehearsal` : show;
    this.#channel = new BroadcastChannel(`rgl.stage.${name}`);
    const core = new StageLinkCore({
      show: name,
      isStage,
      skuIds: skus.map(({ id }) => id),
      store: safeStorage(() => localStorage),
      tellBrowser: (words) => this.#channel.postMessage(words),
      later: browserLater,
      onChange: () => this.#take(),
    });
    this.#core = core;
    this.#channel.onmessage = ({ data }) => core.hearBrowser(data);
    this.#take();
  }

  get skuId(): string | null {
    return this.#settings.skuId;
  }
  get code(): StageSettings['code'] {
    return this.#settings.code;
  }
  get codeHidden(): boolean {
    return this.#settings.code === 'hidden';
  }
  get blank(): boolean {
    return this.#settings.blank;
  }
  /** Whether a stage answers; always so on the stage itself. */
  get answer(): StageAnswer {
    return this.#answer;
  }

  /** Changes some of it: on the stage at once, on a remote once the stage says so. */
  set(change: Partial<StageSettings>): void {
    this.#core.set(change);
  }
  /** Makes the code as large as the stage, or small again. */
  toggleCode(): void {
    this.set({ code: this.code === 'full' ? 'corner' : 'full' });
  }
  toggleBlank(): void {
    this.set({ blank: !this.blank });
  }
  /** See {@link StageLinkCore.goThrough}. */
  goThrough(tellRoom: (words: StageWords) => boolean): () => void {
    return this.#core.goThrough(tellRoom);
  }
  /** See {@link StageLinkCore.arrived}. */
  arrived(): void {
    this.#core.arrived();
  }
  /** See {@link StageLinkCore.hear}. */
  hear(words: StageWords): void {
    this.#core.hear(words);
  }
  close(): void {
    this.#core.close();
    this.#channel.close();
  }

  #take(): void {
    this.#settings = this.#core.settings;
    this.#answer = this.#core.answer;
  }
}
