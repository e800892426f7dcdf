/**
 * One connection with Redis. Commands are sent without waiting for the answers of others, and answers come in the order of the
 * commands. A connection that fails, or is silent for too long, fails everything that waits on it, and is never used again.
 */
import { connect } from 'cloudflare:sockets';
import { commandBytes, RedisRefusal, ReplyReader } from './resp.ts';
import type { Reply } from './resp.ts';

/** Longest wait for one answer, milliseconds, the connection included; the first is that to the password. */
const ANSWER_WITHIN_MS = 5_000;

/** The connection ended, or nothing came over it: what was sent last may have been done or not. */
export class WireDown extends Error {
  override readonly name = 'WireDown';
}

interface Waiting {
  settle: (reply: Reply) => void;
  fail: (error: unknown) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** A connection of its own. */
export class RedisWire {
  readonly #socket: Socket;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting: Waiting[] = [];
  readonly #ready: Promise<unknown>;
  #failure: Error | null = null;

  /** @param address such as `redis://user:password@host:port/0`; `rediss:` for TLS */
  constructor(address: string) {
    const { protocol, hostname, port, username, password, pathname } = new URL(address);
    this.#socket = connect(
      { hostname: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6_379) },
      { secureTransport: protocol === 'rediss:' ? 'on' : 'off', allowHalfOpen: false },
    );
    this.#writer = this.#socket.writable.getWriter() as WritableStreamDefaultWriter<Uint8Array>;
    this.#socket.closed.catch((error: unknown) => this.#fail(error));
    void this.#read();
    const database = pathname.slice(1);
    const user = username ? [decodeURIComponent(username)] : [];
    this.#ready = Promise.all([
      ...(password ? [this.#send(['AUTH', ...user, decodeURIComponent(password)])] : []),
      ...(database ? [this.#send(['SELECT', database])] : []),
    ]);
    // Told to whoever sends a command.
    this.#ready.catch(() => undefined);
  }

  /** True once it has failed. */
  get isDown(): boolean {
    return this.#failure !== null;
  }

  /** Sends a command: its answer. Rejects with {@link RedisRefusal} or {@link WireDown}. */
  async send(command: readonly (string | number)[]): Promise<Reply> {
    // What was not let in is not asked for anything: its refusals would hide why.
    await this.#ready.catch((error: unknown) => {
      this.close();
      throw error;
    });
    return this.#send(command);
  }

  close(): void {
    this.#fail(new Error('closed'));
  }

  #send(command: readonly (string | number)[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure);
        return;
      }
      const settle = (reply: Reply) => (reply instanceof RedisRefusal ? reject(reply) : resolve(reply));
      const timer = setTimeout(() => this.#fail(new Error('silent')), ANSWER_WITHIN_MS);
      this.#waiting.push({ settle, fail: reject, timer });
      this.#writer.write(commandBytes(command)).catch((error: unknown) => this.#fail(error));
    });
  }

  async #read(): Promise<void> {
    const replies = new ReplyReader();
    try {
      for await (const chunk of this.#socket.readable as ReadableStream<Uint8Array>) {
        for (const reply of replies.take(chunk)) {
          const waiting = this.#waiting.shift();
          if (!waiting) throw new Error('an answer to nothing');
          clearTimeout(waiting.timer);
          waiting.settle(reply);
        }
      }
      this.#fail(new Error('ended by the other side'));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(reason: unknown): void {
    if (this.#failure) return;
    const why = reason instanceof Error ? reason.message : String(reason);
    this.#failure = new WireDown(`The connection with Redis is down: ${why}.`, { cause: reason });
    for (const { fail, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      fail(this.#failure);
    }
    this.#socket.close().catch(() => undefined);
  }
}
