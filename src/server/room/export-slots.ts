/**
 * Slots for readers of a room's log. An export lasts as long as its reader takes, and anybody with the code may ask, so the
 * number of slots is limited, in all and for each caller (a session, or an address without one). Who finds none waits for a
 * while. Presenters need no slot.
 */
import type { Refusal } from '#lib/domain/codes.ts';
import type { Role } from '#lib/protocol/http.ts';
import {
  MAX_LOG_READERS,
  MAX_LOG_READERS_PER_ADDRESS,
  MAX_LOG_READERS_PER_SESSION,
} from '#lib/protocol/limits.ts';

/** A reader: a session id; without a session (`role` is null) the keyed hash of an address. */
export interface LogReader {
  id: string;
  role: Role | null;
}

/** How long a reader waits for a slot, milliseconds: longer than a reader that does not read keeps one. */
const WAITS_MS = 10_000;
/** Most waiting readers of one address, which may be a venue's. */
const MOST_WAITING_PER_ADDRESS = 300;
const MOST_WAITING_PER_SESSION = 2;
const MOST_WAITING = 1_000;
/** `retryAfterMs` of a refused reader. */
const RETRY_MS = 5_000;

interface Waiting {
  reader: LogReader;
  begin(): void;
}

/** Gives out, queues for and frees slots. */
export class ExportSlots {
  readonly #reading = new Set<{ reader: LogReader }>();
  readonly #waiting = new Set<Waiting>();

  /**
   * Waits for a place. Resolves with what gives it back, to be called when the reader is done or gone; or refuses with
   * `RATE_LIMITED` (this caller reads and waits enough already) or `BUSY`.
   */
  async begin(reader: LogReader): Promise<(() => void) | Refusal> {
    if (!this.#isFree(reader)) {
      const most = reader.role === null ? MOST_WAITING_PER_ADDRESS : MOST_WAITING_PER_SESSION;
      if (countOf(this.#waiting, reader) >= most) {
        return refusal('RATE_LIMITED', 'You are reading this log already: finish that first.');
      }
      const begun = this.#waiting.size < MOST_WAITING && (await this.#wait(reader));
      if (!begun) return refusal('BUSY', 'This log is being read by as many as it can be at once.');
    }
    const place = { reader };
    this.#reading.add(place);
    return () => {
      if (this.#reading.delete(place)) this.#next();
    };
  }

  #isFree(reader: LogReader): boolean {
    const own = reader.role === null ? MAX_LOG_READERS_PER_ADDRESS : MAX_LOG_READERS_PER_SESSION;
    if (countOf(this.#reading, reader) >= own) return false;
    if (reader.role === 'presenter') return true;
    const others = [...this.#reading].filter((place) => place.reader.role !== 'presenter');
    return others.length < MAX_LOG_READERS;
  }

  /** Waits for a slot; false when there was none in time. */
  #wait(reader: LogReader): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting = {
        reader,
        begin: () => {
          clearTimeout(timer);
          this.#waiting.delete(waiting);
          resolve(true);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        resolve(false);
      }, WAITS_MS);
      this.#waiting.add(waiting);
    });
  }

  /** Gives a free slot to the longest waiting reader that may have one. */
  #next(): void {
    for (const waiting of this.#waiting) {
      if (this.#isFree(waiting.reader)) return waiting.begin();
    }
  }
}

function countOf(places: Iterable<{ reader: LogReader }>, { id }: LogReader): number {
  return [...places].filter(({ reader }) => reader.id === id).length;
}

function refusal(code: 'RATE_LIMITED' | 'BUSY', message: string): Refusal {
  return { code, message: `${message} Try again in a moment.`, retryAfterMs: RETRY_MS };
}
