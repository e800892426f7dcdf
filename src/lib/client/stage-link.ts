/**
 * How the presenter's screens agree on what is the stage's own affair: which product it shows, its code, whether it is
 * dark. It is no state of the room. Wishes and answers go two ways at once: through the room, to a stage in any browser on
 * any device, and through a channel of this browser, which works while the room cannot be reached. The stage is the
 * truth: it does what is wished and says how it stands; a remote shows what the stage said, and that none answered if none did.
 */
import * as v from 'valibot';
import { object } from '#lib/protocol/object.ts';
import type { UpOf } from '#lib/protocol/up.ts';
import { Changes } from './changes.ts';
import type { Cancel, Later, Store } from './surroundings.ts';
import { browserLater, localStore, recall } from './surroundings.ts';

/** What is said on the link: without `is` a wish, an empty one being a question; with it a stage's word. */
export type StageWords = Omit<UpOf<'stage'>, 't'>;

const CODE = v.picklist(['hidden', 'corner', 'full']);
const WORDS = object({
  is: v.optional(v.literal(true)),
  sku: v.optional(v.string()),
  code: v.optional(CODE),
  blank: v.optional(v.boolean()),
});
const KEPT = v.object({ skuId: v.nullable(v.string()), code: CODE });

/** What is shown on the stage. */
export interface StageSettings {
  /** Null: the first product. */
  skuId: string | null;
  code: v.InferOutput<typeof CODE>;
  blank: boolean;
}

/** What a remote knows of the stage. A stage knows itself. */
export type StageAnswer = 'asked' | 'answers' | 'silent';

/** How long a stage may take to answer before it is said that none does, milliseconds. */
export const SILENT_AFTER_MS = 3_000;

/** What a link needs from outside. */
export interface LinkNeeds {
  show: string;
  /** True on the stage itself. */
  isStage: boolean;
  /** Products that the show has; a wish for another is not understood. */
  skuIds: readonly string[];
  store: Store;
  /** What carries words between the pages of this browser. */
  channel: Pick<BroadcastChannel, 'postMessage' | 'onmessage' | 'close'>;
  later: Later;
}

/**
 * One end in a show that sells these; `isStage` on the stage itself. Screens of a rehearsal have a link of their own: what
 * is pressed there must not darken a stage that is live. Make one in the browser only.
 */
export function linkStage(
  show: string,
  skus: readonly { id: string }[],
  isStage: boolean,
  isRehearsal: boolean,
): StageLink {
  const name = isRehearsal ? `${show}.rehearsal` : show;
  const channel = new BroadcastChannel(`rgl.stage.${name}`);
  const skuIds = skus.map(({ id }) => id);
  return new StageLink({ show: name, isStage, skuIds, store: localStore, channel, later: browserLater });
}

/** One screen's end of the link. {@link StageLink.close} it when its page goes. */
export class StageLink {
  #settings: StageSettings;
  #answer: StageAnswer;
  readonly #changes = new Changes();
  readonly #needs: LinkNeeds;
  readonly #key: string;
  #tellRoom: ((words: StageWords) => boolean) | null = null;
  #cancelWait: Cancel | null = null;

  constructor(needs: LinkNeeds) {
    this.#needs = needs;
    this.#key = `rgl.stage.${needs.show}`;
    const kept = recall(needs.store, this.#key, KEPT);
    this.#settings = { skuId: kept?.skuId ?? null, code: kept?.code ?? 'corner', blank: false };
    this.#answer = needs.isStage ? 'answers' : 'asked';
    needs.channel.onmessage = ({ data }: MessageEvent<unknown>) => this.hearBrowser(data);
  }

  /** The stage's settings as this screen knows them. */
  get settings(): StageSettings {
    this.#changes.read();
    return this.#settings;
  }
  /** The product on the stage; null for the first. */
  get skuId(): string | null {
    return this.settings.skuId;
  }
  /** Where the stage shows the code to join. */
  get code(): StageSettings['code'] {
    return this.settings.code;
  }
  /** True while the stage is dark. */
  get blank(): boolean {
    return this.settings.blank;
  }
  /** Whether a stage answers; always so on the stage itself. */
  get answer(): StageAnswer {
    this.#changes.read();
    return this.#answer;
  }

  /** Speaks through a room from now on. Returns what ends it. */
  goThrough(tellRoom: (words: StageWords) => boolean): () => void {
    this.#tellRoom = tellRoom;
    return () => {
      if (this.#tellRoom === tellRoom) this.#tellRoom = null;
    };
  }

  /** The room has greeted this screen: a stage says how it stands, a remote asks. */
  arrived(): void {
    if (this.#needs.isStage) this.#say();
    else this.#ask({});
  }

  /** A press on this screen. On the stage it is done; on a remote it is wished, and the product is switched here as well. */
  set(change: Partial<StageSettings>): void {
    const wish = wordsOf(change);
    if (this.#needs.isStage) {
      // Other stages of the show follow; remotes hear how it stands now.
      this.#tell(wish);
      this.#apply(change);
      this.#say();
    } else {
      this.#ask(wish);
      if (change.skuId !== undefined) this.#apply({ skuId: change.skuId });
    }
  }

  /** Makes the code as large as the stage, or small again. */
  toggleCode(): void {
    this.set({ code: this.#settings.code === 'full' ? 'corner' : 'full' });
  }
  /** Makes the stage dark, or shows it again. */
  toggleBlank(): void {
    this.set({ blank: !this.#settings.blank });
  }

  /** Another screen of the show said something. */
  hear({ is, sku, code, blank }: StageWords): void {
    const { isStage, skuIds } = this.#needs;
    // One stage does not follow another's report, only wishes: two that just opened would hand their defaults around.
    if (isStage === (is === true)) return;
    const change = {
      ...(sku !== undefined && skuIds.includes(sku) ? { skuId: sku } : {}),
      ...(code === undefined ? {} : { code }),
      ...(blank === undefined ? {} : { blank }),
    };
    if (isStage) {
      // Said before the product changes: that changes the room, and the remotes are still in this one.
      this.#merge(change);
      this.#say();
    } else {
      this.#stopWaiting();
      this.#answer = 'answers';
      this.#merge(change);
    }
    this.#changes.tell();
  }

  /** Stops waiting for the stage's answer. */
  close(): void {
    this.#stopWaiting();
    this.#needs.channel.close();
  }

  /** What a page of this browser said, which may be of another version. */
  hearBrowser(data: unknown): void {
    const heard = v.safeParse(WORDS, data);
    if (heard.success) this.hear(heard.output);
  }

  #ask(wish: StageWords): void {
    this.#stopWaiting();
    if (this.#answer !== 'answers') this.#answer = 'asked';
    this.#cancelWait = this.#needs.later(() => {
      this.#answer = 'silent';
      this.#changes.tell();
    }, SILENT_AFTER_MS);
    this.#tell(wish);
    this.#changes.tell();
  }

  #say(): void {
    const { skuIds } = this.#needs;
    const { skuId, code, blank } = this.#settings;
    const sku = skuId ?? skuIds[0];
    this.#tell({ is: true, code, blank, ...(sku === undefined ? {} : { sku }) });
  }

  #tell(words: StageWords): void {
    this.#tellRoom?.(words);
    this.#needs.channel.postMessage(words);
  }

  #apply(change: Partial<StageSettings>): void {
    this.#merge(change);
    this.#changes.tell();
  }

  #merge(change: Partial<StageSettings>): void {
    this.#settings = { ...this.#settings, ...change };
    const { skuId, code } = this.#settings;
    // A screen that went dark by a key comes back lit: nobody looks for the reason behind a black screen.
    this.#needs.store.setItem(this.#key, JSON.stringify({ skuId, code }));
  }

  #stopWaiting(): void {
    this.#cancelWait?.();
    this.#cancelWait = null;
  }
}

function wordsOf({ skuId, code, blank }: Partial<StageSettings>): StageWords {
  return {
    ...(skuId ? { sku: skuId } : {}),
    ...(code === undefined ? {} : { code }),
    ...(blank === undefined ? {} : { blank }),
  };
}
