/** Takes a client's side of a WebSocket apart (RFC 6455, 5.2): the request first, then one masked frame after the other. */

/** A frame as it went over the wire: `bytes` may be sent again as they are, mask and all. */
export interface ClientFrame {
  opcode: number;
  bytes: Buffer;
  payload: Buffer;
}

export const TEXT = 1;
const END_OF_REQUEST = '\r\n\r\n';
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;
const MASK_BYTES = 4;

/** Fed with the bytes of one connection, in the pieces in which they come. */
export class ClientFrames {
  #waiting: Buffer = Buffer.alloc(0);
  #greeted = false;

  /** What these bytes complete: the request (once, first), and frames. */
  take(bytes: Buffer): { request: Buffer | null; frames: ClientFrame[] } {
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    let request: Buffer | null = null;
    if (!this.#greeted) {
      const end = this.#waiting.indexOf(END_OF_REQUEST);
      if (end < 0) return { request, frames: [] };
      this.#greeted = true;
      request = this.#cut(end + END_OF_REQUEST.length);
    }
    const frames: ClientFrame[] = [];
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame);
    return { request, frames };
  }

  #next(): ClientFrame | null {
    const head = headOf(this.#waiting);
    if (!head || this.#waiting.length < head.bytes + head.payload) return null;
    const bytes = this.#cut(head.bytes + head.payload);
    const mask = bytes.subarray(head.bytes - MASK_BYTES, head.bytes);
    const payload = Buffer.from(bytes.subarray(head.bytes)).map(
      (byte, index) => byte ^ mask[index % MASK_BYTES]!,
    );
    return { opcode: bytes[0]! & 0x0f, bytes, payload: Buffer.from(payload) };
  }

  #cut(length: number): Buffer {
    const cut = this.#waiting.subarray(0, length);
    this.#waiting = this.#waiting.subarray(length);
    return cut;
  }
}

/** Sizes of the frame that begins here; null while its head is not complete. */
function headOf(bytes: Buffer): { bytes: number; payload: number } | null {
  if (bytes.length < 2) return null;
  const second = bytes[1]!;
  if ((second & 0x80) === 0) throw new Error('A client masks its frames.');
  const short = second & 0x7f;
  const extended = short === TWO_BYTES ? 2 : short === EIGHT_BYTES ? 8 : 0;
  const head = 2 + extended + MASK_BYTES;
  if (bytes.length < head) return null;
  const payload =
    extended === 2 ? bytes.readUInt16BE(2) : extended === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
  return { bytes: head, payload };
}
