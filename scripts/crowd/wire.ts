/**
 * WebSocket frames (RFC 6455, section 5.2) as far as a load generator needs them: text frames out, whole frames in. A
 * client must mask its frames; here the mask is zero, which costs the server as much as any mask and the client nothing.
 * Fragments and extensions are refused: neither is negotiated, and the runtime sends none.
 */

/** Kinds of frames. */
export const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** Called with a frame's opcode and where its payload lies in `bytes`, which are valid during the call only. */
export type TakeFrame = (opcode: number, bytes: Buffer, start: number, end: number) => void;

const FIN = 0x80;
const MASKED = 0x80;
/** Longest payload whose length fits into the second byte, and into two bytes of its own. */
const SHORT = 125;
const MEDIUM = 0xffff;
const ZERO_MASK = '\0\0\0\0';
const EMPTY = Buffer.alloc(0);

/**
 * A client's frame as a string with one character a byte, to be written as `latin1`.
 * @param payload ASCII only; at most 65,535 characters
 */
export function clientFrame(opcode: number, payload: string): string {
  const { length } = payload;
  if (length > MEDIUM)
    throw new Error(`A frame of ${length} bytes is more than a client of the room may say.`);
  const size =
    length <= SHORT
      ? String.fromCharCode(MASKED | length)
      : String.fromCharCode(MASKED | 126, length >> 8, length & 0xff);
  return String.fromCharCode(FIN | opcode) + size + ZERO_MASK + payload;
}

/** Splits a server's bytes into frames; an incomplete frame is kept until the rest comes. */
export class FrameReader {
  #kept = EMPTY;

  /** Takes the next bytes and calls `take` for each complete frame. @throws on a fragment, a mask or an extension */
  read(chunk: Buffer, take: TakeFrame): void {
    const bytes = this.#kept.length > 0 ? Buffer.concat([this.#kept, chunk]) : chunk;
    let at = 0;
    for (;;) {
      const head = headSize(bytes, at);
      if (head === 0) break;
      const start = at + head;
      const end = start + payloadSize(bytes, at);
      if (end > bytes.length) break;
      const first = bytes[at] ?? 0;
      if ((first & 0xf0) !== FIN) throw new Error(`A frame begins with ${first.toString(16)}.`);
      at = end;
      take(first & 0x0f, bytes, start, end);
    }
    // The chunk's memory belongs to the next read: what is kept is copied.
    this.#kept = at === bytes.length ? EMPTY : Buffer.from(bytes.subarray(at));
  }
}

/** Length of a frame's header in bytes; 0 while it is not complete. */
function headSize(bytes: Buffer, at: number): number {
  if (bytes.length < at + 2) return 0;
  const second = bytes[at + 1] ?? 0;
  if ((second & MASKED) !== 0) throw new Error('A server masks nothing.');
  const size = second === 126 ? 4 : second === 127 ? 10 : 2;
  return bytes.length < at + size ? 0 : size;
}

function payloadSize(bytes: Buffer, at: number): number {
  const second = bytes[at + 1] ?? 0;
  if (second === 126) return bytes.readUInt16BE(at + 2);
  // The upper 32 bits of a length are 0: nothing that a room sends is that long.
  return second === 127 ? bytes.readUInt32BE(at + 6) : second;
}
