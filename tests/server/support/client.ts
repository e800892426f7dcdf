/** A client of a room's socket that holds the room to its promises: every stream it sees must be gap-free and ordered. */
import { expect } from 'vitest';
import type { LoginResult } from '#lib/protocol/http.ts';
import type { Down, DownOf } from '#lib/protocol/down.ts';
import { parseDown } from '#lib/protocol/down.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Up, UpOf } from '#lib/protocol/up.ts';
import { roomPath } from '#lib/protocol/paths.ts';
import { SITE } from './site.ts';
import type { TestSite } from './site.ts';

/** How long a client waits for what it was promised before the test fails, milliseconds. */
const PATIENCE_MS = 10_000;

/** One socket in one room. */
export class TestClient {
  readonly messages: Down[] = [];
  readonly events: RoomEvent[] = [];
  state: RoomState | null = null;
  epoch = 0;
  seq = 0;
  closed: { code: number; reason: string } | null = null;
  readonly #socket: WebSocket;
  #wake: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#take(String(data)));
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
  ): Promise<TestClient> {
    const query = resume ? `?epoch=${resume.epoch}&since=${resume.since}` : '';
    const headers = { upgrade: 'websocket', authorization: `Bearer ${session.token}` };
    const response = await site.send(
      new Request(`${SITE}${roomPath(session.show, skuId)}${query}`, { headers }),
    );
    const socket = response.webSocket;
    if (!socket) throw new Error(`No socket: ${response.status}`);
    const client = new TestClient(socket);
    await client.until(() => client.closed !== null || client.state !== null);
    return client;
  }

  get welcome(): DownOf<'welcome'> {
    const welcome = this.messages.find((message) => message.t === 'welcome');
    if (!welcome) throw new Error('This client was not welcomed.');
    return welcome;
  }

  send(message: Up): void {
    this.#socket.send(JSON.stringify(message));
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

  /** Taps once and waits for the answer. */
  async buy(order: Partial<Omit<UpOf<'allocate'>, 't'>> = {}) {
    const op = order.op ?? crypto.randomUUID();
    const before = this.messages.length;
    this.send({ t: 'allocate', epoch: this.epoch, ...order, op });
    return this.answerTo(op, before);
  }

  /** The first answer to an op that comes after `from` messages, and leaves no lane out that may still answer by itself. */
  async answerTo(op: string, from = 0): Promise<DownOf<'ack'> | DownOf<'nack'>> {
    const find = () =>
      this.messages
        .slice(from)
        .find(
          (message) =>
            (message.t === 'nack' && message.op === op) ||
            (message.t === 'ack' && message.op === op && !isPartial(message)),
        );
    await this.until(() => find() !== undefined);
    return find() as DownOf<'ack'> | DownOf<'nack'>;
  }

  #take(text: string): void {
    if (text === 'pong') return this.#stir();
    const message = parseDown(text);
    if (!message) throw new Error(`The room said what no client understands: ${text}`);
    this.messages.push(message);
    if (message.t === 'welcome' || message.t === 'frame') this.#follow(message);
    this.#stir();
  }

  #follow(message: DownOf<'welcome'> | DownOf<'frame'>): void {
    if (message.t === 'frame') {
      expect(message.from, 'frames are contiguous').toBe(this.seq + 1);
      expect(message.seq - message.from + 1, 'a frame tells or counts every event').toBe(
        message.events.length + message.omitted,
      );
    } else if (message.recovered) {
      expect(message.events.length, 'a resume tells exactly what was missed').toBe(
        message.seq - (message.events[0]?.seq ?? message.seq + 1) + 1,
      );
    }
    this.events.push(...message.events);
    this.seq = message.seq;
    this.epoch = message.epoch;
    this.state = message.state;
    expect(message.state.seq, 'the state is that of the newest event').toBe(message.seq);
    expect(message.state.epoch).toBe(message.epoch);
  }

  #stir(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const resolve of waiting) resolve();
  }
}

/** True when some lanes have answered and others not yet. */
function isPartial({ lanes }: DownOf<'ack'>): boolean {
  const waits = Object.values(lanes).map(({ status }) => status === 'pending');
  return waits.includes(true) && waits.includes(false);
}
