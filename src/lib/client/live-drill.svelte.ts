/** The newest drill of a room as a page's live state: a thin shell of runes around {@link DrillBoard}. */
import { DrillBoard } from './drills.ts';
import type { DrillPicture } from './drills.ts';
import type { PresentedRoom } from './presented-room.svelte.ts';
import { browserLater } from './surroundings.ts';

/** Make one in the browser only, and {@link LiveDrill.close} it when its page goes. */
export class LiveDrill {
  #picture = $state.raw<DrillPicture | null>(null);
  #isFresh = $state(false);
  readonly #board: DrillBoard;

  constructor(room: PresentedRoom) {
    this.#board = new DrillBoard({
      onEvents: (listener) => room.onEvents(listener),
      there: () => (room.state ? room.state.people.phones + room.state.people.stages : 0),
      later: browserLater,
      onChange: (picture, isFresh) => {
        this.#picture = picture;
        this.#isFresh = isFresh;
      },
    });
  }

  /** The newest drill that this page was told of. */
  get current(): DrillPicture | null {
    return this.#picture;
  }
  /** The same while it is news, else null. */
  get fresh(): DrillPicture | null {
    return this.#isFresh ? this.#picture : null;
  }

  close(): void {
    this.#board.close();
  }
}
