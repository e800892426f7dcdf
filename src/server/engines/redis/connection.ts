/**
 * A lane's connection with Redis. One is enough: commands do not wait for the answers of others, and Redis carries out one after
 * another anyway. It is opened for the first command and closed after ten seconds without one, because an object with an open
 * connection cannot sleep. Nothing is sent twice: whether a command may be is for the lanes to say.
 *
 * Our own 200 lines (resp.ts, wire.ts) and not a library: ioredis 6.0.0 is 77 kB (gzip) in six packages, needs `nodejs_compat` for
 * the whole Worker, and what it adds (reconnecting and resending by itself, queues while it is away) has to be switched off here.
 */
import type { Tally } from '../../lanes/engine-rows.ts';
import { BackOff } from '../back-off.ts';
import { RedisRefusal } from './resp.ts';
import type { Reply } from './resp.ts';
import { RedisWire } from './wire.ts';

/** Time without a command after which the connection is closed, milliseconds. */
const IDLE_MS = 10_000;

/** A connection that is there when it is needed. */
export class RedisConnection {
  readonly #address: string;
  readonly #backOff = new BackOff();
  #wire: RedisWire | null = null;
  #underWay = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  /** @param address see {@link RedisWire} */
  constructor(address: string) {
    this.#address = address;
  }

  /** Sends one command: its answer. Rejects when Redis refuses it, and when no answer comes. */
  async send(tally: Tally, ...command: (string | number)[]): Promise<Reply> {
    this.#backOff.check();
    clearTimeout(this.#idle);
    tally.roundTrips += 1;
    this.#underWay += 1;
    try {
      const reply = await this.#open().send(command);
      this.#backOff.served();
      return reply;
    } catch (error) {
      // A refusal ends a connection only where it did not let us in.
      if (!(error instanceof RedisRefusal) || this.#wire?.isDown) this.#backOff.failed(error);
      throw error;
    } finally {
      this.#underWay -= 1;
      this.#rest();
    }
  }

  #open(): RedisWire {
    if (!this.#wire || this.#wire.isDown) this.#wire = new RedisWire(this.#address);
    return this.#wire;
  }

  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#underWay === 0) this.#idle = setTimeout(() => this.#wire?.close(), IDLE_MS);
  }
}
