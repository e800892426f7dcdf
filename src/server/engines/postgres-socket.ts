/**
 * A connection as postgres.js wants it, over the runtime's sockets. Its own one for Workers lets errors escape into nowhere when a
 * connection ends while it is read, and goes on without a word where a server refuses TLS.
 */
import { connect } from 'cloudflare:sockets';
import * as buffer from 'node:buffer';
import { EventEmitter } from 'node:events';

/** Longest wait for a connection and its TLS, milliseconds. */
const CONNECT_WITHIN_MS = 5_000;
/** What asks a server for TLS, and its two answers (PostgreSQL, "Message Formats": SSLRequest). */
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]);
const YES = 'S'.charCodeAt(0);

/** Node's bytes, which the library reads; the platform's types know none. */
const Bytes = buffer.Buffer as { from(bytes: ArrayBufferLike, start: number, length: number): Uint8Array };

/** Whether a connection is made with TLS: `prefer` only where the server has it. */
export type Tls = 'never' | 'prefer' | 'require';

/** The server speaks no TLS, and was asked for it. */
export class TlsRefused extends Error {
  override readonly name = 'TlsRefused';
}

/** Connects. Certificates are always verified: the runtime has no other way. */
export async function connectSocket(hostname: string, port: number, tls: Tls): Promise<PostgresSocket> {
  const secureTransport = tls === 'never' ? 'off' : 'starttls';
  const raw = connect({ hostname, port }, { secureTransport, allowHalfOpen: false });
  // Told by what fails on it.
  raw.closed.catch(() => undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('No connection was made in time.')), CONNECT_WITHIN_MS);
  });
  try {
    await Promise.race([raw.opened, late]);
    if (tls === 'never') return new PostgresSocket(raw);
    const speaksTls = await Promise.race([offersTls(raw), late]);
    if (!speaksTls && tls === 'require') throw new TlsRefused('The server has no TLS.');
    return new PostgresSocket(speaksTls ? raw.startTls() : raw);
  } catch (error) {
    raw.close().catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function offersTls(raw: Socket): Promise<boolean> {
  const writer = raw.writable.getWriter() as WritableStreamDefaultWriter<Uint8Array>;
  await writer.write(SSL_REQUEST);
  writer.releaseLock();
  const reader = (raw.readable as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return value?.[0] === YES;
}

/** See the module's comment. Events: `data`, `error`, and `close` once, last. */
class PostgresSocket extends EventEmitter {
  readyState: 'open' | 'closed' = 'open';
  readonly #raw: Socket;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(raw: Socket) {
    super();
    this.#raw = raw;
    raw.closed.catch(() => undefined);
    this.#writer = raw.writable.getWriter() as WritableStreamDefaultWriter<Uint8Array>;
    void this.#read((raw.readable as ReadableStream<Uint8Array>).getReader());
  }

  write(data: Uint8Array, done?: () => void): boolean {
    this.#writer.write(data).then(
      () => done?.(),
      (error: unknown) => this.#over(error),
    );
    return true;
  }

  /** Says a last word, and leaves. */
  end(data?: Uint8Array): void {
    const said = data ? this.#writer.write(data) : Promise.resolve();
    said.catch(() => undefined).finally(() => this.destroy());
  }

  destroy(): void {
    this.#raw.close().catch(() => undefined);
    this.#over(null);
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return this.#over(null);
        this.emit('data', Bytes.from(value.buffer, value.byteOffset, value.byteLength));
      }
    } catch (error) {
      this.#over(error);
    }
  }

  #over(error: unknown): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    // Nobody may listen any more: then there is nobody to tell, and an emitter would throw.
    if (error !== null && this.listenerCount('error') > 0) this.emit('error', error);
    this.emit('close');
  }
}
