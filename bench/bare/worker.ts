/**
 * The bare objects that the benchmark compares the project with: hand-written, hibernating, each doing only what its name
 * says. `/echo/<name>`, `/write/<name>`, `/naive/<name>`, `/party/<name>` and
 * `/fan/<name>` open a socket; a request that is no upgrade is answered with the time at which the object was last made.
 */
import { DurableObject } from 'cloudflare:workers';
import { Server } from 'partyserver';
import type { Connection, WSMessage } from 'partyserver';

/** Answers a press with the press itself. */
export class Echo extends DurableObject {
  readonly #madeAtMs = Date.now();

  override fetch(request: Request): Response | Promise<Response> {
    if (request.headers.get('upgrade') !== 'websocket') return new Response(String(this.#madeAtMs));
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, press: string): void {
    socket.send(press);
  }
}

/** Answers a press after one durable write: the output gate holds the answer back until the write is durable. */
export class Write extends Echo {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    makeStock(ctx.storage.sql);
  }

  override webSocketMessage(socket: WebSocket, press: string): void {
    takeUnit(this.ctx.storage.sql);
    socket.send(press);
  }
}

/** {@link Write}, and sends every press to every socket. */
export class Naive extends Write {
  override webSocketMessage(socket: WebSocket, press: string): void {
    super.webSocketMessage(socket, press);
    const told = tellStock(this.ctx.storage.sql);
    for (const other of this.ctx.getWebSockets()) other.send(told);
  }
}

/** {@link Naive} as partyserver does it: `broadcast` of the library. */
export class Party extends Server<Cloudflare.Env> {
  static override options = { hibernate: true };

  override onStart(): void {
    makeStock(this.ctx.storage.sql);
  }

  override onMessage(connection: Connection, press: WSMessage): void {
    takeUnit(this.ctx.storage.sql);
    connection.send(press);
    this.broadcast(tellStock(this.ctx.storage.sql));
  }
}

/**
 * The bare loop: `POST /fan/<name>?bytes=N&everyMs=N&forMs=N` sends N bytes to every socket every `everyMs` for `forMs`
 * milliseconds, then answers with the number of messages sent. They begin as the room's frames do.
 */
export class Fan extends Echo {
  override fetch(request: Request): Response | Promise<Response> {
    return request.method === 'POST' ? this.#send(new URL(request.url).searchParams) : super.fetch(request);
  }

  async #send(order: URLSearchParams): Promise<Response> {
    const [bytes = 0, everyMs = 0, forMs = 0] = ['bytes', 'everyMs', 'forMs'].map((name) =>
      Number(order.get(name)),
    );
    let seq = 0;
    let sent = 0;
    const timer = setInterval(() => {
      seq += 1;
      const head = `{"t":"frame","epoch":1,"from":${seq},"seq":${seq},"fill":"`;
      const text = `${head}${'x'.repeat(Math.max(0, bytes - head.length - 2))}"}`;
      for (const socket of this.ctx.getWebSockets()) {
        socket.send(text);
        sent += 1;
      }
    }, everyMs);
    await new Promise((resolve) => setTimeout(resolve, forMs));
    clearInterval(timer);
    return new Response(String(sent));
  }
}

function makeStock(sql: SqlStorage): void {
  sql.exec('CREATE TABLE IF NOT EXISTS stock (id INTEGER PRIMARY KEY, allocated INTEGER NOT NULL)');
  sql.exec('INSERT OR IGNORE INTO stock (id, allocated) VALUES (1, 0)');
}

function takeUnit(sql: SqlStorage): void {
  sql.exec('UPDATE stock SET allocated = allocated + 1 WHERE id = 1');
}

function tellStock(sql: SqlStorage): string {
  const { allocated } = sql.exec<{ allocated: number }>('SELECT allocated FROM stock WHERE id = 1').one();
  return JSON.stringify({ t: 'told', allocated });
}

export default {
  fetch(
    request: Request,
    env: Partial<Record<string, DurableObjectNamespace<Echo | Party>>>,
  ): Response | Promise<Response> {
    const [, kind = '', name = ''] = new URL(request.url).pathname.split('/');
    return env[kind.toUpperCase()]?.getByName(name).fetch(request) ?? new Response('bare');
  },
};
