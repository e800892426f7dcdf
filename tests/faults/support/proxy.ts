/** A TCP proxy that does to connections what networks do: resets them, falls silent, becomes slow. */
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** All connections through one proxy share their fate. */
export class Proxy {
  readonly #server: Server;
  readonly #links = new Set<Link>();
  /** Connections so far, and those that were reset by {@link reset}. */
  opened = 0;
  cut = 0;

  private constructor(targetPort: number) {
    this.#server = createServer({ pauseOnConnect: true }, (near) => {
      this.opened += 1;
      const link = new Link(near, connect(targetPort, LOOPBACK));
      this.#links.add(link);
      link.onGone = () => this.#links.delete(link);
    });
  }

  /** Opens a proxy to a port of this machine. */
  static async to(targetPort: number): Promise<Proxy> {
    const proxy = new Proxy(targetPort);
    await once(proxy.#server.listen(0, LOOPBACK), 'listening');
    return proxy;
  }

  get url(): string {
    return `http://${LOOPBACK}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resets every connection that is open now (RST on both sides). New ones go through. */
  reset(): void {
    for (const link of [...this.#links]) {
      this.cut += 1;
      link.reset();
    }
  }

  /** Every connection that is open now falls silent, both ways, without a word. New ones go through. */
  stall(): void {
    for (const link of this.#links) link.slow(0);
  }

  /** Every connection that is open now carries so many bytes a second in each direction. */
  throttle(bytesPerSecond: number): void {
    for (const link of this.#links) link.slow(bytesPerSecond);
  }

  /** Every connection that is open now is as fast as it can be again. */
  heal(): void {
    for (const link of this.#links) link.slow(Infinity);
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    for (const link of [...this.#links]) link.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** One connection through the proxy. */
class Link {
  onGone: () => void = () => undefined;
  readonly #near: Socket;
  readonly #far: Socket;
  #bytesPerSecond = Infinity;

  constructor(near: Socket, far: Socket) {
    this.#near = near;
    this.#far = far;
    near.setNoDelay(true);
    far.setNoDelay(true);
    this.#carry(near, far);
    this.#carry(far, near);
    near.resume();
  }

  reset(): void {
    this.#near.resetAndDestroy();
    this.#far.resetAndDestroy();
  }

  slow(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    for (const side of [this.#near, this.#far]) {
      if (bytesPerSecond === 0) side.pause();
      else side.resume();
    }
  }

  #carry(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      const flows = to.write(chunk);
      const waitMs = (chunk.length / this.#bytesPerSecond) * 1_000;
      if (flows && waitMs < 1) return;
      from.pause();
      if (!flows) to.once('drain', () => this.#goOn(from));
      else if (Number.isFinite(waitMs)) setTimeout(() => this.#goOn(from), waitMs);
    });
    from.on('error', () => this.reset());
    from.on('close', () => {
      to.destroySoon();
      this.onGone();
    });
  }

  #goOn(from: Socket): void {
    if (this.#bytesPerSecond > 0) from.resume();
  }
}
