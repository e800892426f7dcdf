/** A TCP proxy on loopback in front of an engine, that can fall silent: connections stand, and not one byte goes through. */
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** In front of one engine. */
export class Gate {
  readonly #server: Server;
  readonly #ends = new Set<Socket>();
  #silent = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param port of the engine */
  static async open(port: number): Promise<Gate> {
    const server = createServer();
    const gate = new Gate(server);
    server.on('connection', (client) => gate.#join(client, connect({ host: LOOPBACK, port })));
    await new Promise<void>((resolve) => server.listen({ host: LOOPBACK, port: 0 }, resolve));
    return gate;
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('A gate that listens has a port.');
    return address.port;
  }

  /** Holds everything back, or lets it go, also what was held. */
  silence(silent: boolean): void {
    this.#silent = silent;
    for (const end of this.#ends) {
      if (silent) end.pause();
      else end.resume();
    }
  }

  close(): void {
    for (const end of this.#ends) end.destroy();
    this.#server.close();
  }

  #join(client: Socket, engine: Socket): void {
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      this.#ends.add(from);
      from.on('data', (chunk) => to.write(chunk));
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#ends.delete(from);
        to.destroy();
      });
      if (this.#silent) from.pause();
    }
  }
}
