/** A client of a room's socket that holds the room to its promises: every stream it sees must be gap-free and ordered. */
import { expect } from 'vitest';
import type { RoomEvent } from '#lib/domain/events.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Down, DownOf } from '#lib/protocol/down.ts';
import { parseDown } from '#lib/protocol/down.ts';
import type { Up, UpOf } from '#lib/protocol/up.ts';
import { PONG } from '#lib/protocol/plain-words.ts';

/** One socket in one room; how it is connected, and how time goes on meanwhile, is its host's. */
export abstract class RoomClient {
  readonly messages: Down[] = [];
  readonly events: RoomEvent[] = [];
  /** Answers to pings. */
  pongs = 0;
  state: RoomState | null = null;
  epoch = 0;
  seq = 0;
  closed: { code: number; reason: string } | null = null;

  abstract sendRaw(data: string | ArrayBuffer): void;
  abstract close(): void;
  /** Waits until something holds; fails when it has not for long. */
  abstract until(holds: () => boolean): Promise<void>;

  get welcome(): DownOf<'welcome'> {
    const welcome = this.messages.find((message) => message.t === 'welcome');
    if (!welcome) throw new Error('This client was not welcomed.');
    return welcome;
  }

  send(message: Up): void {
    this.sendRaw(JSON.stringify(message));
  }

  /** What it heard of one kind, in order. */
  of<K extends Down['t']>(kind: K): DownOf<K>[] {
    return this.messages.filter((message): message is DownOf<K> & Down => message.t === kind);
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

  /** Says something, and waits for the refusal of it. */
  async refusalOf(message: Up | string): Promise<DownOf<'nack'>> {
    const before = this.of('nack').length;
    if (typeof message === 'string') this.sendRaw(message);
    else this.send(message);
    await this.until(() => this.of('nack').length > before);
    return this.of('nack')[before]!;
  }

  protected take(text: string): void {
    if (text === PONG) {
      this.pongs += 1;
      return;
    }
    const message = parseDown(text);
    if (!message) throw new Error(`The room said what no client understands: ${text}`);
    this.messages.push(message);
    if (message.t === 'welcome' || message.t === 'frame') this.#follow(message);
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
}

/** True when some lanes have answered and others not yet. */
function isPartial({ lanes }: DownOf<'ack'>): boolean {
  const waits = Object.values(lanes).map(({ status }) => status === 'pending');
  return waits.includes(true) && waits.includes(false);
}
