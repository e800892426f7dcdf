/**
 * How a stage hears of the bot that another window of this browser sends. Which taps were refused to whom stands in no log, so a
 * stage on another device does not hear of it; what the bot bought stands in every log.
 */
import * as v from 'valibot';
import type { FailureCode } from './api.ts';
import { Changes } from './changes.ts';
import { FRESH_MS } from './drills.ts';
import type { EventListener } from './room-view.ts';
import type { Cancel, Later } from './surroundings.ts';
import { browserLater } from './surroundings.ts';

const figure = v.number();
const WORDS = v.object({
  skuId: v.string(),
  /** Its name in the log; empty when the door kept it out. */
  label: v.string(),
  /** How many taps it sends; 0 when the door kept it out. */
  taps: figure,
  /** From its first tap to the newest answer, milliseconds. */
  ms: figure,
  /** Taps that the limit lets through in that time. */
  allowed: figure,
  /** Taps that bought, by the log. */
  logged: figure,
  isOver: v.boolean(),
  done: figure,
  admitted: figure,
  bought: figure,
  soldOut: figure,
  pending: figure,
  limited: figure,
  others: v.array(
    v.object({ code: v.custom<FailureCode>((code) => typeof code === 'string'), times: figure }),
  ),
});
/** What a bot came to so far. */
export type BotWords = v.InferOutput<typeof WORDS>;

type Channel = Pick<BroadcastChannel, 'postMessage' | 'onmessage' | 'close'>;

/** The channel of a show's bots in this browser. A rehearsal has its own. */
export function botChannel(show: string, isRehearsal: boolean): Channel {
  return new BroadcastChannel(`rgl.bot.${show}${isRehearsal ? '.rehearsal' : ''}`);
}

/** Keeps what a stage hears while it is news: until some time after the last word, or until the presenter goes on. */
export class BotBoard {
  #words: BotWords | null = null;
  #cancel: Cancel | null = null;
  readonly #changes = new Changes();
  readonly #channel: Channel;
  readonly #stopListening: () => void;

  constructor(
    channel: Channel,
    skuId: string,
    room: { onEvents(listener: EventListener): () => void },
    later: Later = browserLater,
  ) {
    this.#channel = channel;
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      const heard = v.safeParse(WORDS, data);
      if (!heard.success || heard.output.skuId !== skuId) return;
      this.#cancel?.();
      this.#cancel = later(() => this.#turn(null), FRESH_MS);
      this.#turn(heard.output);
    };
    this.#stopListening = room.onEvents((events) => {
      if (events.some(({ kind }) => GOES_ON.has(kind))) this.#turn(null);
    });
  }

  /** The newest words while they are news; else null. */
  get fresh(): BotWords | null {
    this.#changes.read();
    return this.#words;
  }

  /** Stops listening and its timer. */
  close(): void {
    this.#stopListening();
    this.#cancel?.();
    this.#channel.close();
  }

  #turn(words: BotWords | null): void {
    this.#words = words;
    this.#changes.tell();
  }
}

/** With these the presenter goes on to something else. */
const GOES_ON: ReadonlySet<string> = new Set(['step', 'mode', 'reset', 'held', 'drill', 'guess', 'closed']);
