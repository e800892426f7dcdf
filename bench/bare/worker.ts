/**
 * The bare objects that the benchmark measures the project against: hibernating, written by hand, without a library and
 * without a promise kept beyond the one they are named after. `/echo/<name>`, `/write/<name>` and `/naive/<name>` open a
 * socket; a request that is no upgrade is answered with the time at which the object was last made.
 */
import { DurableObject } from 'cloudflare:workers';

interface BareEnv {
  ECHO: DurableObjectNamespace<Echo>;
  WRITE: DurableObjectNamespace<Write>;
  NAIVE: DurableObjectNamespace<Naive>;
}

/** Answers a press with the press itself. */
export class Echo extends DurableObject {
  readonly #madeAtMs = Date.now();

  override fetch(request: Request): Response {
    if (request.headers.get('upgrade') !== 'websocket') return new Response(String(this.#madeAtMs));
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, press: string): void {
    socket.send(press);
  }
}

/** The same after one durable write: the platform holds the answer back until the write is safe. */
export class Write extends Echo {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS stock (id INTEGER PRIMARY KEY, allocated INTEGER NOT NULL)',
    );
    ctx.storage.sql.exec('INSERT OR IGNORE INTO stock (id, allocated) VALUES (1, 0)');
  }

  override webSocketMessage(socket: WebSocket, press: string): void {
    this.ctx.storage.sql.exec('UPDATE stock SET allocated = allocated + 1 WHERE id = 1');
    socket.send(press);
  }
}

/** The same, and every press is told to everybody. */
export class Naive extends Write {
  override webSocketMessage(socket: WebSocket, press: string): void {
    super.webSocketMessage(socket, press);
    const { allocated } = this.ctx.storage.sql
      .exec<{ allocated: number }>('SELECT allocated FROM stock WHERE id = 1')
      .one();
    const told = JSON.stringify({ t: 'told', allocated });
    for (const other of this.ctx.getWebSockets()) other.send(told);
  }
}

export default {
  fetch(request: Request, env: BareEnv): Response | Promise<Response> {
    const [, kind = '', name = ''] = new URL(request.url).pathname.split('/');
    const objects: Record<string, DurableObjectNamespace<Echo>> = {
      echo: env.ECHO,
      write: env.WRITE,
      naive: env.NAIVE,
    };
    return objects[kind]?.getByName(name).fetch(request) ?? new Response('bare');
  },
};
