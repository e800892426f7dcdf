/**
 * A phone of the benchmark: it sends what the pages' client sends, and reads of each message only what a measure needs, so
 * that thousands of them in one process cost less than the room that they load.
 */
import { randomUUID } from 'node:crypto';
import { BOTH, EVENTUAL, SAFE } from './lanes.ts';
import { HEAD_BYTES, frameRange, tapAnswer, welcomeOf } from './messages.ts';
import type { TapAnswer } from './messages.ts';
import { WireSocket } from './wire-socket.ts';

/** The answer to a tap, with its time. */
export interface Answer extends TapAnswer {
  /** From the tap to its answer. */
  ms: number;
  /** When the answer came, on the process's monotonic clock. */
  atMs: number;
}

/** How a phone connects, and what it keeps. */
export interface PhoneOptions {
  /** Of the socket (`http://…`), without a query. */
  url: string;
  token?: string;
  /** The mode that its taps name; the room's own when missing. */
  mode?: string;
  /** False for an object that sends no welcome: the phone is ready once it is connected. */
  greeted?: boolean;
  /** Keeps when each frame came. */
  timesFrames?: boolean;
  /** Keeps the newest frame or welcome. */
  keepsNewest?: boolean;
}

/** How long a socket may take to be greeted, milliseconds. */
const GREETED_WITHIN_MS = 20_000;

/** One phone: a socket of a room or a bare object, its open taps and what it has seen. Times are monotonic milliseconds. */
export class RawPhone {
  onAnswer: (answer: Answer) => unknown = () => undefined;
  /** Called for a close that this phone did not ask for. */
  onClose: (code: number) => void = () => undefined;
  /** Taps that have no answer yet, by op: when they were made. */
  readonly waiting = new Map<string, number>();
  epoch = 0;
  seq = 0;
  /** Newest `seq` that the room was told to have been seen. */
  seenSeq = 0;
  frames = 0;
  frameBytes = 0;
  /** Frames that did not follow the one before. */
  gaps = 0;
  /** Code of the newest close that this phone did not ask for; 0 while there was none. */
  closedWith = 0;
  /** Of the newest welcome: whether it told every event that was missed, and how many lives the room has had. */
  recovered = false;
  wakes = 0;
  /** Frames and welcomes with a new `seq`, oldest first, and when they came. */
  readonly seen: { seq: number; atMs: number }[] = [];
  /** The newest frame or welcome, if it is kept. */
  newest = '';
  readonly #options: PhoneOptions;
  #socket: WireSocket | null = null;
  #bytesBefore = 0;
  /** Round trip of the newest answered tap until it is reported, as JSON, for its single lane. */
  #report: string | null = null;

  constructor(options: PhoneOptions) {
    this.#options = options;
  }

  /** True while its socket is open. */
  get open(): boolean {
    return this.#socket?.isOpen ?? false;
  }

  /** Bytes received over all of its connections, without handshakes. */
  get bytes(): number {
    return this.#bytesBefore + (this.#socket?.bytes ?? 0);
  }

  /** Connects, or reconnects with `since`; resolves with the welcome. @throws when the socket closes or no welcome comes */
  connect(): Promise<void> {
    const { url, token, greeted = true } = this.#options;
    const query = this.epoch > 0 ? `?epoch=${this.epoch}&since=${this.seq}` : '';
    this.#bytesBefore = this.bytes;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        socket.close();
        reject(new Error(`The room did not greet within ${GREETED_WITHIN_MS} ms.`));
      }, GREETED_WITHIN_MS);
      const ready = () => {
        clearTimeout(late);
        resolve();
      };
      const socket = new WireSocket(new URL(url + query), token, {
        opened: () => (greeted ? undefined : ready()),
        text: (bytes, start, end) => this.#take(bytes, start, end, ready),
        closed: (code, why) => {
          clearTimeout(late);
          reject(new Error(`The room closed the socket with ${code}: ${why}.`));
          if (this.#socket !== socket) return;
          this.closedWith = code;
          this.onClose(code);
        },
      });
      this.#socket = socket;
    });
  }

  /** Taps once, as the pages do, with the round trip of the tap before. Returns the op's id. */
  tap(op: string = randomUUID()): string {
    this.waiting.set(op, performance.now());
    const { mode = SAFE } = this.#options;
    const rtt = this.#takeReport();
    this.#socket?.send(
      `{"t":"allocate","op":"${op}","units":1,"epoch":${this.epoch},"mode":"${mode}"${rtt}}`,
    );
    return op;
  }

  /** Sends `seen` if this phone has seen more since the last one; true when it did. */
  saySeen(): boolean {
    if (this.seenSeq === this.seq || !this.open) return false;
    this.seenSeq = this.seq;
    this.#socket?.send(`{"t":"seen","seq":${this.seq}${this.#takeReport()}}`);
    return true;
  }

  #takeReport(): string {
    const report = this.#report;
    this.#report = null;
    return report ?? '';
  }

  /** @param message ASCII when encoded */
  say(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Closes the socket; {@link RawPhone.onClose} is not called. */
  close(): void {
    const socket = this.#socket;
    this.#bytesBefore = this.bytes;
    this.#socket = null;
    socket?.close();
  }

  #take(bytes: Buffer, start: number, end: number, ready: () => void): void {
    const head = bytes.toString('latin1', start, Math.min(end, start + HEAD_BYTES));
    if (head.startsWith('{"t":"frame"')) {
      const text = () => bytes.toString('utf8', start, end);
      const { epoch, from, seq } = frameRange(head, text);
      this.frames += 1;
      this.frameBytes += end - start;
      if (from !== this.seq + 1) this.gaps += 1;
      this.#sees(epoch, seq, text);
    } else if (head.startsWith('{"t":"welcome"')) {
      const text = bytes.toString('utf8', start, end);
      const { epoch, seq, recovered, wakes, events } = welcomeOf(text);
      if (recovered && events.length !== seq - this.seq) this.gaps += 1;
      this.recovered = recovered;
      this.wakes = wakes;
      this.#sees(epoch, seq, () => text);
      ready();
    } else if (!head.startsWith('{"t":"told"')) {
      this.#answered(tapAnswer(end - start <= HEAD_BYTES ? head : bytes.toString('utf8', start, end)));
    }
  }

  #sees(epoch: number, seq: number, text: () => string): void {
    if (this.#options.timesFrames && seq > this.seq) this.seen.push({ seq, atMs: performance.now() });
    if (this.#options.keepsNewest) this.newest = text();
    this.epoch = epoch;
    this.seq = seq;
  }

  #answered(answer: TapAnswer | null): void {
    if (answer === null) return;
    const tappedAtMs = this.waiting.get(answer.op);
    if (tappedAtMs === undefined) return;
    if (answer.outcome !== 'pending') this.waiting.delete(answer.op);
    const atMs = performance.now();
    const ms = atMs - tappedAtMs;
    // In mode `both` the other lane answered earlier, which is not timed here.
    const { mode = SAFE } = this.#options;
    const lane = mode === BOTH ? EVENTUAL : mode;
    if (answer.outcome === 'allocated') {
      this.#report = `,"rtt":{"op":"${answer.op}","lanes":{"${lane}":${ms.toFixed(2)}}}`;
    }
    this.onAnswer({ ...answer, ms, atMs });
  }
}

/** Taps once and waits for the answer. */
export function tapOnce(phone: RawPhone): Promise<Answer> {
  return new Promise((resolve) => {
    phone.onAnswer = (answer) => answer.outcome !== 'pending' && resolve(answer);
    phone.tap();
  });
}

/** Taps once and returns the milliseconds until its answer. */
export async function answerMs(phone: RawPhone): Promise<number> {
  return (await tapOnce(phone)).ms;
}
