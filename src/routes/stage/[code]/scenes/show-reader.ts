/**
 * The whole show's figures on a stage that hears one room: its summary, read again while somebody looks at it. Every reading is
 * charged to the rooms, so a show in which nothing happens is asked ever less often.
 */
import { Changes } from '#lib/client/changes.ts';
import type { Cancel, Later } from '#lib/client/surroundings.ts';
import { browserLater } from '#lib/client/surroundings.ts';
import { lanesOfEpochs, sumOf } from '#lib/summary/overall.ts';
import type { RoomSummary } from '#lib/summary/show-summary.ts';
import type { FetchedShow } from '../../../guide/fetch-show.ts';
import type { GuideShow } from '../../../guide/figures.ts';

/** Pause between two readings while something happens, milliseconds: the audience waits for no figure, and a room is not kept busy by them. */
export const SOON_MS = 10_000;
/** The longest pause, milliseconds: another room may begin to sell at any time. */
export const LATEST_MS = 60_000;

/** Reads the show while it is watched. {@link ShowReader.close} it when its page goes. */
export class ShowReader {
  readonly #fetch: () => Promise<FetchedShow>;
  readonly #later: Later;
  readonly #changes = new Changes();
  #show: GuideShow | null = null;
  #problem = '';
  #watchers = 0;
  #pauseMs = SOON_MS;
  #isReading = false;
  #cancel: Cancel | null = null;

  constructor(fetch: () => Promise<FetchedShow>, later: Later = browserLater) {
    this.#fetch = fetch;
    this.#later = later;
  }

  /** What was read last; null before the first reading. It says of itself when that was. */
  get show(): GuideShow | null {
    this.#changes.read();
    return this.#show;
  }
  /** Why the newest reading failed; '' when it did not. */
  get problem(): string {
    this.#changes.read();
    return this.#problem;
  }

  /** Reads now, and again until the returned function is called. */
  watch(): () => void {
    this.#watchers += 1;
    if (this.#watchers === 1) void this.#read();
    let isWatching = true;
    return () => {
      if (!isWatching) return;
      isWatching = false;
      this.#watchers -= 1;
      if (this.#watchers === 0) this.#rest();
    };
  }

  /** Something happened in the show: what was read is old, and is read again soon. */
  moved(): void {
    if (this.#pauseMs === SOON_MS) return;
    this.#pauseMs = SOON_MS;
    if (this.#cancel) this.#plan();
  }

  /** Stops reading for good. */
  close(): void {
    this.#watchers = 0;
    this.#rest();
  }

  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#rest();
    this.#isReading = true;
    const fetched = await this.#fetch();
    this.#isReading = false;
    const before = this.#show;
    if (fetched.ok) this.#show = fetched.show;
    this.#problem = fetched.ok ? '' : fetched.sentence;
    const isNews = fetched.ok && before !== null && happened(before) !== happened(fetched.show);
    this.#pauseMs = isNews ? SOON_MS : Math.min(LATEST_MS, before ? this.#pauseMs * 2 : SOON_MS);
    this.#changes.tell();
    // An ended show has its last figures.
    if (this.#watchers > 0 && this.#show?.summary.status !== 'ended') this.#plan();
  }

  #plan(): void {
    this.#rest();
    this.#cancel = this.#later(() => void this.#read(), this.#pauseMs);
  }

  #rest(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}

/** Grows with whatever people do in the show, and not with what reading it costs. */
function happened({ summary }: GuideShow): number {
  return summary.rooms.reduce((sum, room) => sum + doneIn(room), 0);
}

function doneIn({ epochs, recovery }: RoomSummary): number {
  const lanes = lanesOfEpochs(epochs);
  return epochs.length + recovery.reports + sumOf(lanes, 'ops') + sumOf(lanes, 'refused');
}
