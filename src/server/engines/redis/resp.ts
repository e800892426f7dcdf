/** Redis' protocol (RESP2, redis.io/docs/latest/develop/reference/protocol-spec): a command as bytes, and replies from them. */

/** What Redis answers instead of doing what it was asked. Its first word says of which kind it is. */
export class RedisRefusal extends Error {
  override readonly name = 'RedisRefusal';
  readonly kind: string;

  constructor(message: string) {
    super(message);
    this.kind = message.split(' ', 1)[0] ?? '';
  }
}

/** A reply: texts, whole numbers, lists, and nothing. */
export type Reply = string | number | null | RedisRefusal | Reply[];

const CR = 13;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A command with its values. */
export function commandBytes(parts: readonly (string | number)[]): Uint8Array {
  const texts = parts.map(String);
  // Lengths are told in bytes.
  const told = texts.map((text) => `$${encoder.encode(text).length}\r\n${text}\r\n`);
  return encoder.encode(`*${texts.length}\r\n${told.join('')}`);
}

/** Takes bytes as they come and gives every reply that is whole. */
export class ReplyReader {
  #bytes = new Uint8Array(0);

  /** Throws for bytes that are no reply: then nothing that follows can be understood. */
  take(chunk: Uint8Array): Reply[] {
    const bytes = new Uint8Array(this.#bytes.length + chunk.length);
    bytes.set(this.#bytes);
    bytes.set(chunk, this.#bytes.length);
    const replies: Reply[] = [];
    let from = 0;
    for (let read = readReply(bytes, from); read; read = readReply(bytes, from)) {
      replies.push(read.reply);
      from = read.end;
    }
    this.#bytes = bytes.slice(from);
    return replies;
  }
}

/** A reply and where it ends; null when the rest of it has not come. */
function readReply(bytes: Uint8Array, from: number): { reply: Reply; end: number } | null {
  const lineEnd = bytes.indexOf(CR, from);
  // The line feed behind it has to be there, too.
  if (lineEnd < 0 || lineEnd + 1 >= bytes.length) return null;
  const kind = String.fromCharCode(bytes[from]!);
  const line = decoder.decode(bytes.subarray(from + 1, lineEnd));
  const end = lineEnd + 2;
  switch (kind) {
    case '+':
      return { reply: line, end };
    case '-':
      return { reply: new RedisRefusal(line), end };
    case ':':
      return { reply: Number(line), end };
    case '$':
      return readText(bytes, end, Number(line));
    case '*':
      return readList(bytes, end, Number(line));
    default:
      throw new Error('what answers does not speak the protocol of Redis');
  }
}

function readText(bytes: Uint8Array, from: number, length: number): { reply: Reply; end: number } | null {
  if (length < 0) return { reply: null, end: from };
  const end = from + length + 2;
  return end > bytes.length ? null : { reply: decoder.decode(bytes.subarray(from, from + length)), end };
}

function readList(bytes: Uint8Array, from: number, length: number): { reply: Reply; end: number } | null {
  if (length < 0) return { reply: null, end: from };
  const reply: Reply[] = [];
  let end = from;
  for (let at = 0; at < length; at++) {
    const read = readReply(bytes, end);
    if (!read) return null;
    reply.push(read.reply);
    end = read.end;
  }
  return { reply, end };
}
