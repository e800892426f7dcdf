/**
 * Splits bytes into lines, chunk by chunk, so that a file is never in memory as a whole. A chunk may end anywhere, even inside a
 * character. Lines that are not UTF-8 or too long are reported with their number.
 */

/** Lines of this many bytes are refused: the longest that a room writes have a few kilobytes. */
export const MAX_LINE_BYTES = 1_000_000;
/** Bytes that are decoded at once, so that a huge chunk is not decoded as a whole. */
const SLICE_BYTES = 65_536;
const LINE_BREAK = 10;

/** One line, numbered from 1; without text when it is not UTF-8 or too long. */
export type Line =
  | { number: number; text: string; trouble?: never }
  | { number: number; text: null; trouble: 'tooLong' | 'notUtf8' };

/** Splits bytes into lines. After a line that is too long nothing more can be read. */
export class LineReader {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** The beginning of an incomplete line. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #number = 0;

  /** Lines that end in this chunk. */
  *read(chunk: Uint8Array): Generator<Line> {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      const slice = chunk.subarray(at, at + SLICE_BYTES);
      const last = slice.lastIndexOf(LINE_BREAK);
      if (last === -1) {
        this.#hold(slice);
        if (this.#heldBytes >= MAX_LINE_BYTES) yield this.#tooLong();
        continue;
      }
      // Only the first of these lines can be longer than the slice, because it may have begun in earlier ones.
      if (this.#heldBytes + slice.indexOf(LINE_BREAK) >= MAX_LINE_BYTES) yield this.#tooLong();
      this.#hold(slice.subarray(0, last));
      yield* this.#release();
      if (last + 1 < slice.length) this.#hold(slice.subarray(last + 1));
    }
  }

  /** The last line, if no line feed ends it; else null. */
  rest(): Line | null {
    if (this.#heldBytes === 0) return null;
    const [line] = this.#release();
    return line ?? null;
  }

  #hold(bytes: Uint8Array): void {
    // Copied, because the caller may reuse the chunk's memory.
    this.#held.push(bytes.slice());
    this.#heldBytes += bytes.length;
  }

  #tooLong(): Line {
    return { number: this.#number + 1, text: null, trouble: 'tooLong' };
  }

  *#release(): Generator<Line> {
    const bytes = this.#held.length === 1 ? this.#held[0]! : joined(this.#held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    const text = this.#decode(bytes);
    if (text === null) yield* this.#oneByOne(bytes);
    else for (const line of text.split('\n')) yield { number: ++this.#number, text: line };
  }

  /** Decodes line by line, to find the line that is not UTF-8. */
  *#oneByOne(bytes: Uint8Array): Generator<Line> {
    for (let from = 0; from <= bytes.length;) {
      const found = bytes.indexOf(LINE_BREAK, from);
      const end = found === -1 ? bytes.length : found;
      const text = this.#decode(bytes.subarray(from, end));
      this.#number += 1;
      if (text === null) yield { number: this.#number, text, trouble: 'notUtf8' };
      else yield { number: this.#number, text };
      from = end + 1;
    }
  }

  #decode(bytes: Uint8Array): string | null {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      return null;
    }
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
