/** A TCP proxy that does to connections what networks do: resets them, falls silent, becomes slow, mixes them up. */
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { ClientFrames } from './client-frames.ts';
import type { Mangler } from './mangler.ts';

const LOOPBACK = '127.0.0.1';
/** A message that is held back goes out this long after the newest one, milliseconds. */
const HELD_AT_MOST_MS = 15;

/** All connections through one proxy share their fate. */
export class Proxy {
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #dark = false;
  #down = false;
  /** When each connection was opened, monotonic milliseconds. */
  readonly openedAtMs: number[] = [];
  /** Connections that were reset by {@link reset}. */
  cut = 0;
  /** Gives each new connection what mixes up its messages; none as a rule. The first bytes are the request's. */
  mangle: ((request: string) => Mangler | null) | null = null;

  private constructor(targetPort: number) {
    this.#server = createServer({ pauseOnConnect: true }, (near) => {
      if (this.#down) return void near.resetAndDestroy();
      this.openedAtMs.push(performance.now());
      const link = new Link(near, connect(targetPort, LOOPBACK), this.mangle);
      this.#links.add(link);
      link.onGone = () => this.#links.delete(link);
      if (this.#dark) link.slow(0);
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

  /** Connections so far. */
  get opened(): number {
    return this.openedAtMs.length;
  }

  /** Resets every connection that is open now (RST on both sides). New ones go through. */
  reset(): void {
    for (const link of [...this.#links]) {
      this.cut += 1;
      link.reset();
    }
  }

  /** The server is gone: every connection is reset, and new ones are refused until {@link answer}. */
  goDown(): void {
    this.#down = true;
    this.reset();
  }

  /** The server answers again. */
  answer(): void {
    this.#down = false;
  }

  /** Every connection that is open now falls silent, both ways, without a word. New ones go through. */
  stall(): void {
    for (const link of this.#links) link.slow(0);
  }

  /** What clients say on the connections that are open now comes through, and no answer does. */
  muffle(): void {
    for (const link of this.#links) link.muffle();
  }

  /** The network is gone: all of them fall silent, and new connections get no word either, until {@link heal}. */
  goDark(): void {
    this.#dark = true;
    this.stall();
  }

  /** Every connection that is open now carries so many bytes a second in each direction. */
  throttle(bytesPerSecond: number): void {
    for (const link of this.#links) link.slow(bytesPerSecond);
  }

  /** Every connection that is open now is as fast as it can be again, and new ones too. */
  heal(): void {
    this.#dark = false;
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

  constructor(near: Socket, far: Socket, mangle: Proxy['mangle']) {
    this.#near = near;
    this.#far = far;
    near.setNoDelay(true);
    far.setNoDelay(true);
    this.#carry(near, far, mangle ? new Mixed(far, mangle) : { take: (chunk) => far.write(chunk) });
    this.#carry(far, near, { take: (chunk) => near.write(chunk) });
    near.resume();
  }

  reset(): void {
    this.#near.resetAndDestroy();
    this.#far.resetAndDestroy();
  }

  muffle(): void {
    this.#far.pause();
  }

  slow(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    for (const side of [this.#near, this.#far]) {
      if (bytesPerSecond === 0) side.pause();
      else side.resume();
    }
  }

  /** `into.take` is false when the other side cannot take more for now. */
  #carry(from: Socket, to: Socket, into: { take: (chunk: Buffer) => boolean }): void {
    from.on('data', (chunk) => {
      const flows = into.take(chunk);
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

/** A client's messages on the way to the room, mixed up. */
class Mixed {
  readonly #far: Socket;
  readonly #mangle: NonNullable<Proxy['mangle']>;
  readonly #frames = new ClientFrames();
  #mangler: Mangler | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(far: Socket, mangle: NonNullable<Proxy['mangle']>) {
    this.#far = far;
    this.#mangle = mangle;
  }

  take(chunk: Buffer): boolean {
    const { request, frames } = this.#frames.take(chunk);
    const out: Buffer[] = [];
    if (request) {
      this.#mangler = this.#mangle(request.toString('latin1'));
      out.push(request);
    }
    for (const frame of frames) out.push(...(this.#mangler?.take(frame) ?? [frame.bytes]));
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#write(this.#mangler?.rest() ?? []), HELD_AT_MOST_MS);
    return this.#write(out);
  }

  #write(out: Buffer[]): boolean {
    return out.length === 0 || this.#far.destroyed || this.#far.write(Buffer.concat(out));
  }
}
