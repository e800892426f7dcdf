/** A room's socket in the runtime: what every client of a room is held to (conformance/client.ts), over a WebSocket. */
import type { LoginResult } from '#lib/protocol/http.ts';
import { roomPath } from '#lib/protocol/paths.ts';
import { RoomClient } from '../../conformance/client.ts';
import { SITE } from './site.ts';
import type { TestSite } from './site.ts';

/** How long a client waits for what it was promised before the test fails, milliseconds. */
const PATIENCE_MS = 10_000;

/** One socket in one room. */
export class TestClient extends RoomClient {
  readonly #socket: WebSocket;
  #wake: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      this.take(String(data));
      this.#stir();
    });
    socket.addEventListener('close', ({ code, reason }) => {
      this.closed = { code, reason };
      this.#stir();
    });
    socket.accept();
  }

  /** Opens a socket as the holder of a session; resolves when the room has greeted it or closed it. */
  static async connect(
    site: TestSite,
    session: Pick<LoginResult, 'token' | 'show' | 'skus'>,
    resume: { epoch: number; since: number } | null = null,
    skuId = session.skus[0]?.id ?? '',
    ip?: string,
  ): Promise<TestClient> {
    const query = resume ? `?epoch=${resume.epoch}&since=${resume.since}` : '';
    const authorization = `Bearer ${session.token}`;
    const from = ip === undefined ? {} : { 'cf-connecting-ip': ip };
    const headers = { upgrade: 'websocket', authorization, ...from };
    const response = await site.send(
      new Request(`${SITE}${roomPath(session.show, skuId)}${query}`, { headers }),
    );
    const socket = response.webSocket;
    if (!socket) throw new Error(`No socket: ${response.status}`);
    const client = new TestClient(socket);
    await client.until(() => client.closed !== null || client.state !== null);
    return client;
  }

  sendRaw(data: string | ArrayBuffer): void {
    this.#socket.send(data);
  }

  close(): void {
    this.#socket.close(1000, 'done');
  }

  /** Waits until something holds, looking again whenever the room says something. */
  async until(holds: () => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!holds()) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`Waited in vain; last heard ${JSON.stringify(this.messages.at(-1))}`);
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        timer = setTimeout(resolve, left);
        this.#wake.push(resolve);
      });
      clearTimeout(timer);
    }
  }

  #stir(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const resolve of waiting) resolve();
  }
}
