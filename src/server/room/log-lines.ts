/** Reads the stored log: lines for clients that missed some, for audits, and for the export. */
import { fileText } from '#lib/domain/log.ts';
import { LOG_READ_WITHIN_MS } from '#lib/protocol/limits.ts';
import { logHeader } from '#lib/room/log-header.ts';
import type { RoomTables } from '../storage/room-tables.ts';
import type { RoomMemory } from '#lib/room/memory.ts';

/** Bytes of one chunk, and of one read unless a stored run has more: an export of any length keeps no more in memory. */
const CHUNK_BYTES = 65_536;
/** Stored runs whose sizes are read at once; runs of a quiet room have one event each. */
const MOST_RUNS = 512;

/** A walk through the stored log in slices, because a room has one thread and taps wait while it is busy. */
export interface Walk {
  /** The event that was reached before, and the one to reach. */
  from: number;
  to: number;
  /** Events of one slice. */
  atOnce: number;
  /** Takes the events after `from`, up to and with `to`. */
  take: (from: number, to: number) => void;
  /** False when the rest is not needed any more. */
  wanted: () => boolean;
  /** Lets others have the thread, between two slices. */
  rest: () => Promise<void>;
}

/** Walks from one event to another. Returns how far it came. */
export async function walk({ from, to, atOnce, take, wanted, rest }: Walk): Promise<number> {
  let reached = from;
  while (reached < to) {
    if (reached > from) {
      await rest();
      if (!wanted()) break;
    }
    const next = Math.min(reached + atOnce, to);
    take(reached, next);
    reached = next;
  }
  return reached;
}

/**
 * The whole log as NDJSON bytes: header, one line for each event, head. `ended` is called when the reader has everything or has
 * gone.
 */
export function exportLog(
  tables: RoomTables,
  memory: RoomMemory,
  nowMs: number,
  ended: () => void = () => undefined,
): ReadableStream<Uint8Array> {
  const { seq: lastSeq, head } = memory.facts;
  const header = logHeader(memory, nowMs);
  const { readable, writable } = new IdentityTransformStream();
  const file = new FileWriter(writable);
  const write = async () => {
    await file.add(`${fileText(JSON.stringify(header))}\n`);
    // Written by itself, so that a reader that takes nothing keeps its place even when its log is short.
    await file.turn();
    for (const text of storedText(tables, lastSeq)) await file.add(text);
    await file.add(`${JSON.stringify({ head, seq: lastSeq })}\n`);
    await file.close();
  };
  // When the reader has gone, or stored events are missing, the file ends without a head.
  void write()
    .catch((error: unknown) => file.abort(error))
    .finally(ended);
  return readable;
}

/** The stored runs up to and with event `last` as the file has them. They are read as they are asked for. */
function* storedText(tables: RoomTables, last: number): Generator<string> {
  let told = 0;
  while (told < last) {
    const portions = portionsOf(tables.readRunSizes(told, MOST_RUNS));
    if (portions.length === 0) throw new Error(`The stored log ends with event ${told}; ${last} were told.`);
    for (const runs of portions) {
      for (const { lastSeq, lines } of tables.readLogAfter(told, { last, runs })) {
        told = lastSeq;
        yield fileText(lines);
        yield '\n';
      }
    }
  }
}

/** How many runs are read together, one number after the other: as many as fit, and one that does not fit by itself. */
function portionsOf(sizes: readonly number[]): number[] {
  const portions: number[] = [];
  let bytes = Infinity;
  for (const size of sizes) {
    bytes += size;
    if (bytes <= CHUNK_BYTES) portions[portions.length - 1] = (portions.at(-1) ?? 0) + 1;
    else {
      portions.push(1);
      bytes = size;
    }
  }
  return portions;
}

/**
 * Writes text into a stream of bytes through one reused buffer. A buffer for each chunk would be garbage, of which tens of
 * megabytes gather before it is collected (docs/performance.md).
 */
class FileWriter {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #page = new Uint8Array(CHUNK_BYTES);
  #filled = 0;

  constructor(stream: WritableStream<Uint8Array>) {
    this.#writer = stream.getWriter();
  }

  /** Resolves when there is room for more: as fast as the reader takes it. Rejects when the reader has gone. */
  async add(text: string): Promise<void> {
    let left = text;
    while (left.length > 0) {
      const { read, written } = this.#encoder.encodeInto(left, this.#page.subarray(this.#filled));
      this.#filled += written;
      left = left.slice(read);
      // What does not fit is the next page's: a character of several bytes may leave some of this one empty.
      if (left.length > 0) await this.turn();
    }
  }

  async close(): Promise<void> {
    await this.turn();
    await this.#writer.close();
  }

  async abort(reason: unknown): Promise<void> {
    await this.#writer.abort(reason).catch(() => undefined);
  }

  /** Hands on what there is. Resolves when it was taken, and the page can be written anew; rejects when nobody takes it. */
  async turn(): Promise<void> {
    const standing = setTimeout(
      () => void this.abort(new Error('The reader of the log does not read.')),
      LOG_READ_WITHIN_MS,
    );
    try {
      await this.#writer.write(this.#page.subarray(0, this.#filled));
    } finally {
      clearTimeout(standing);
    }
    this.#filled = 0;
  }
}
