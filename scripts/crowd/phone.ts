/**
 * A phone without a screen, for the crowd and the benchmark: it sends what the pages' client sends, and reads of each message
 * only what somebody counts, so that thousands of them in one process cost less than the room that they load.
 */
import { randomUUID } from 'node:crypto';
import type { AnswerBook } from './answers.ts';
import type { TapAnswer } from './messages.ts';
import { HEAD_BYTES, frameRange, tapAnswer, welcomeOf } from './messages.ts';
import type { ConnectSocket, PhoneSocket } from './wire-socket.ts';
import { wireSocket } from './wire-socket.ts';

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
  /** The mode that its taps name; none when missing, which means the room's own. */
  mode?: string;
  /** False for an object that sends no welcome: the phone is ready once it is connected. */
  greeted?: boolean;
  /** Keeps when each frame came. */
  timesFrames?: boolean;
  /** Keeps the newest frame or welcome. */
  keepsNewest?: boolean;
  /** Holds the room to one answer for each tap. */
  answers?: AnswerBook;
  /** Opens its sockets; {@link wireSocket} when missing. */
  connect?: ConnectSocket;
}

/** How long a socket may take to be greeted, milliseconds. */
const GREETED_WITHIN_MS = 20_000;
/** Reports that a phone sends at once: more than 20 messages a second count as a flood. */
const MOST_AT_ONCE = 8;

/** One phone: a socket of a room or a bare object, its open taps and what it has seen. Times are monotonic milliseconds. */
export class Phone {
  onAnswer: (answer: Answer) => unknown = () => undefined;
  /** Called for a close that this phone did not ask for. */
  onClose: (code: number) => void = () => undefined;
  /** Taps that have no answer yet, by op: when they were made. */
  readonly waiting = new Map<string, number>();
  epoch = 0;
  seq = 0;
  frames = 0;
  frameBytes = 0;
  /** Frames that did not follow the one before. */
  gaps = 0;
  /** Ops of this phone that were lost and not restored. */
  lost = 0;
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
  #socket: PhoneSocket | null = null;
  #bytesBefore = 0;
  /** Newest `seq` that the room was told to have been seen. */
  #seenSeq = 0;
  /** Of taps without a complete answer: round trips of the lanes that have answered. */
  readonly #trips = new Map<string, Record<string, number>>();
  /** Round trips that were not reported to the room yet, oldest first. */
  readonly #reports: { op: string; lanes: Record<string, number> }[] = [];

  constructor(options: PhoneOptions) {
    this.#options = options;
  }

  /** True while its socket is open. */
  get open(): boolean {
    return this.#socket?.isOpen() ?? false;
  }

  /** Bytes received over all of its connections, without handshakes. */
  get bytes(): number {
    return this.#bytesBefore + (this.#socket?.bytes() ?? 0);
  }

  /** Number of answers that were not asked for, or that contradict an earlier one. */
  get doubles(): number {
    return this.#options.answers?.doubles ?? 0;
  }

  /** Connects, or reconnects with `since`; resolves with the welcome. @throws when the socket closes or no welcome comes */
  connect(): Promise<void> {
    const { url, token, greeted = true, connect = wireSocket } = this.#options;
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
      const socket = connect(new URL(url + query), token, {
        opened: () => (greeted ? undefined : ready()),
        text: (bytes, start, end) => this.#take(bytes, start, end, ready),
        closed: (code, why) => {
          clearTimeout(late);
          reject(new Error(`The room closed the socket with ${code}${why && `: ${why}`}.`));
          if (this.#socket !== socket) return;
          this.closedWith = code;
          this.onClose(code);
        },
      });
      this.#socket = socket;
    });
  }

  /** Taps once, as the pages do, with the round trip of an earlier tap. Returns the op's id. */
  tap(op: string = randomUUID()): string {
    this.waiting.set(op, performance.now());
    this.#ask(op, this.#nextReport());
    return op;
  }

  /** Sends every unanswered op again under its own id; the room does each once, however often it is sent. */
  askAgain(): void {
    for (const op of this.waiting.keys()) this.#ask(op);
  }

  #ask(op: string, report = ''): void {
    const { answers, mode } = this.#options;
    answers?.ask(op);
    const named = mode === undefined ? '' : `,"mode":"${mode}"`;
    this.#socket?.send(`{"t":"allocate","op":"${op}","units":1,"epoch":${this.epoch}${named}${report}}`);
  }

  /** Sends `seen` if this phone has seen more since the last one. */
  saySeen(): void {
    if (this.#seenSeq === this.seq || !this.open) return;
    this.#seenSeq = this.seq;
    this.#socket?.send(`{"t":"seen","seq":${this.seq}${this.#nextReport()}}`);
  }

  /** Reports the round trips that no further tap will report, at most {@link MOST_AT_ONCE}. */
  reportRest(): void {
    for (let left = Math.min(MOST_AT_ONCE, this.#reports.length); left > 0; left -= 1) {
      this.#socket?.send(`{"t":"seen","seq":${this.seq}${this.#nextReport()}}`);
    }
  }

  #nextReport(): string {
    const report = this.#reports.shift();
    return report ? `,"rtt":${JSON.stringify(report)}` : '';
  }

  /** @param message ASCII when encoded */
  say(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Closes the socket; {@link Phone.onClose} is not called. */
  close(): void {
    const socket = this.#socket;
    this.#bytesBefore = this.bytes;
    this.#socket = null;
    socket?.close();
  }

  #take(bytes: Buffer, start: number, end: number, ready: () => void): void {
    const head = bytes.toString('latin1', start, Math.min(end, start + HEAD_BYTES));
    const text = () => (end - start <= HEAD_BYTES ? head : bytes.toString('utf8', start, end));
    if (head.startsWith('{"t":"frame"')) {
      const { epoch, from, seq } = frameRange(head, text);
      this.frames += 1;
      this.frameBytes += end - start;
      if (from !== this.seq + 1) this.gaps += 1;
      this.#sees(epoch, seq, text);
    } else if (head.startsWith('{"t":"welcome"')) {
      const { epoch, seq, recovered, wakes, events } = welcomeOf(text());
      if (recovered && events.length !== seq - this.seq) this.gaps += 1;
      this.recovered = recovered;
      this.wakes = wakes;
      this.#sees(epoch, seq, text);
      ready();
    } else if (head.startsWith('{"t":"fate"')) {
      this.lost += text().includes('"fate":"lost"') ? 1 : -1;
    } else if (!head.startsWith('{"t":"told"')) {
      const answer = tapAnswer(text());
      if (answer) this.#answered(answer);
    }
  }

  #sees(epoch: number, seq: number, text: () => string): void {
    if (this.#options.timesFrames && seq > this.seq) this.seen.push({ seq, atMs: performance.now() });
    if (this.#options.keepsNewest) this.newest = text();
    this.epoch = epoch;
    this.seq = seq;
  }

  #answered(answer: TapAnswer): void {
    const { op, outcome, seq, said } = answer;
    const { answers } = this.#options;
    const tappedAtMs = this.waiting.get(op);
    if (tappedAtMs === undefined) {
      // A nack without an op refuses a message, not a tap.
      if (op !== '' && outcome !== 'pending') answers?.again(op, outcome, seq);
      return;
    }
    const atMs = performance.now();
    const ms = atMs - tappedAtMs;
    const trips = this.#trips.get(op) ?? {};
    for (const lane in said) if (said[lane] === 'allocated') trips[lane] ??= Math.round(100 * ms) / 100;
    if (outcome === 'pending') this.#trips.set(op, trips);
    else {
      this.waiting.delete(op);
      this.#trips.delete(op);
      if (outcome === 'allocated') this.#reports.push({ op, lanes: trips });
      answers?.settle(op, outcome, seq);
    }
    this.onAnswer({ ...answer, ms, atMs });
  }
}

/** Taps once and waits for the answer. */
export function tapOnce(phone: Phone): Promise<Answer> {
  return new Promise((resolve) => {
    phone.onAnswer = (answer) => answer.outcome !== 'pending' && resolve(answer);
    phone.tap();
  });
}
