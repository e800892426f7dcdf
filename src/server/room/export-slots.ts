/**
 * Who reads a room's log just now. An export lasts as long as its reader takes, and anybody who has the code may ask: so
 * there are some places, they belong to callers (a session, or whoever comes without one from an address), and whoever asks
 * in vain waits for one a while. A presenter needs none of them.
 */
import type { Refusal } from '#lib/domain/codes.ts';
import type { Role } from '#lib/protocol/http.ts';
import {
  MAX_LOG_READERS,
  MAX_LOG_READERS_PER_ADDRESS,
  MAX_LOG_READERS_PER_SESSION,
} from '#lib/protocol/limits.ts';

/** Who asks: a session, by its id; without one (`role` is null) the keyed hash of an address. */
export interface LogReader {
  id: string;
  role: Role | null;
}

/** Places are lost by those who do not read sooner than this: whoever waits so long is overtaken by other people only. */
const WAITS_MS = 10_000;
/** A hall of phones behind one address may wait; a session asks for what it means to read. */
const MOST_WAITING_PER_ADDRESS = 300;
const MOST_WAITING_PER_SESSION = 2;
const MOST_WAITING = 1_000;
/** When one that was refused may find a place, milliseconds. */
const RETRY_MS = 5_000;

interface Waiting {
  reader: LogReader;
  begin(): void;
}

/** See the module's header. */
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

  /** True once there is a place; false when there was none for so long. */
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

  /** Whoever has waited longest, of those who may have a place now. */
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
