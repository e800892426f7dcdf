/**
 * A phone without a screen, cheap enough that a thousand of them fit into a process. Of each frame it reads only what the
 * stream's promises need.
 */
import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';

/**
 * The answer to a tap.
 * @typedef {object} Answer
 * @property {number} ms from the tap to its answer
 * @property {'allocated' | 'pending' | string} outcome `allocated` when any lane allocated; else the code of a refusal
 */

/**
 * @typedef {object} PhoneOptions
 * @property {string} url of the socket (`ws://…`), without a query
 * @property {string} token sent as the Authorization header
 * @property {import('./answers.mjs').AnswerBook} answers holds the room to one answer for each tap
 */

/** @typedef {Record<string, number>} Trips milliseconds by lane */

/** How long a socket may take to be greeted, milliseconds. */
const GREETED_WITHIN_MS = 20_000;
/** How long the end of a connection is waited for after its close frame, milliseconds: as long as Chromium waits. */
const CLOSED_WITHIN_MS = 2_000;
/** Reports that a phone sends at once: more than 20 messages a second count as a flood. */
const MOST_AT_ONCE = 8;
/** Beginning of a frame as the room writes it, with its epoch and range, which are read without parsing the state. */
const FRAME_HEAD = /^\{"t":"frame","epoch":(\d+),"from":(\d+),"seq":(\d+),/;
const HEAD_BYTES = 96;

/** One phone: a socket of a room, its open taps, and what it has seen of the stream. */
export class Phone {
  /** @type {(answer: Answer) => void} */
  onAnswer = () => undefined;
  /** @type {(code: number) => void} */
  onClose = () => undefined;
  /** Taps that have no answer yet, by op: when they were made. @type {Map<string, number>} */
  waiting = new Map();
  epoch = 0;
  seq = 0;
  frames = 0;
  /** Frames that did not follow the one before. */
  gaps = 0;
  /** Ops of this phone that were lost, and that were restored. */
  lost = 0;
  restored = 0;
  bytes = 0;
  /** Code of the newest close that this phone did not ask for; 0 while there was none. */
  closedWith = 0;
  /** @type {PhoneOptions} */
  #options;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {(() => void) | null} */
  #greeted = null;
  /** Round trips of taps without a complete answer, by op: of the lanes that have answered. @type {Map<string, Trips>} */
  #trips = new Map();
  /** Round trips that were not reported to the room yet, oldest first. @type {{ op: string, lanes: Trips }[]} */
  #reports = [];

  /** @param {PhoneOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** Number of answers that were not asked for, or that contradict an earlier one. */
  get doubles() {
    return this.#options.answers.doubles;
  }

  /** True while its socket is open. */
  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /**
   * Connects, or reconnects with `since`.
   * @returns {Promise<void>} when the welcome has come
   */
  async connect() {
    const { url, token } = this.#options;
    const query = this.epoch > 0 ? `?epoch=${this.epoch}&since=${this.seq}` : '';
    const options = {
      perMessageDeflate: false,
      skipUTF8Validation: true,
      handshakeTimeout: GREETED_WITHIN_MS,
      closeTimeout: CLOSED_WITHIN_MS,
      headers: { authorization: `Bearer ${token}` },
    };
    const socket = new WebSocket(url + query, options);
    this.#socket = socket;
    await new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        socket.terminate();
        reject(
          new Error(
            `The room did not greet within ${GREETED_WITHIN_MS} ms (ready state ${socket.readyState}).`,
          ),
        );
      }, GREETED_WITHIN_MS);
      this.#greeted = () => {
        clearTimeout(late);
        resolve(undefined);
      };
      socket.on('message', (data) => this.#take(/** @type {Buffer} */ (data)));
      socket.on('error', reject);
      socket.on('close', (code) => {
        clearTimeout(late);
        reject(new Error(`The room closed the socket with ${code}.`));
        if (this.#socket !== socket) return;
        this.closedWith = code;
        this.onClose(code);
      });
    });
  }

  /** Taps once. */
  tap() {
    const op = randomUUID();
    this.waiting.set(op, performance.now());
    this.#options.answers.ask(op);
    this.#say({ t: 'allocate', op, epoch: this.epoch, ...this.#nextReport() });
  }

  /** Reports the round trips that no further tap will report, at most {@link MOST_AT_ONCE}. */
  reportRest() {
    for (let left = MOST_AT_ONCE; left > 0 && this.#reports.length > 0 && this.open; left -= 1) {
      this.#say({ t: 'seen', seq: this.seq, ...this.#nextReport() });
    }
  }

  #nextReport() {
    const rtt = this.#reports.shift();
    return rtt ? { rtt } : {};
  }

  /** Sends every unanswered op again under its own id; the room does each once, however often it is sent. */
  askAgain() {
    for (const op of this.waiting.keys()) {
      this.#options.answers.ask(op);
      this.#say({ t: 'allocate', op, epoch: this.epoch });
    }
  }

  /** @param {object} message */
  #say(message) {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Closes the socket; `onClose` is not called. */
  close() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
  }

  /** @param {Buffer} data */
  #take(data) {
    this.bytes += data.length;
    const head = data.toString('latin1', 0, HEAD_BYTES);
    if (head.startsWith('{"t":"frame"')) this.#frame(head, data);
    else if (head.startsWith('{"t":"welcome"')) this.#welcome(data);
    else this.#other(data.toString());
  }

  /**
   * @param {string} head
   * @param {Buffer} data
   */
  #frame(head, data) {
    const match = FRAME_HEAD.exec(head);
    const { epoch, from, seq } = match
      ? { epoch: Number(match[1]), from: Number(match[2]), seq: Number(match[3]) }
      : JSON.parse(data.toString());
    this.frames += 1;
    if (from !== this.seq + 1) this.gaps += 1;
    this.epoch = epoch;
    this.seq = seq;
  }

  /** @param {Buffer} data */
  #welcome(data) {
    const { epoch, seq, recovered, events } = JSON.parse(data.toString());
    if (recovered && events.length !== seq - this.seq) this.gaps += 1;
    this.epoch = epoch;
    this.seq = seq;
    this.#greeted?.();
  }

  /** @param {string} text */
  #other(text) {
    const message = JSON.parse(text);
    switch (message.t) {
      case 'ack':
        return this.#answered(message.op, ackOutcome(message.lanes), message);
      case 'nack':
        return this.#answered(message.op ?? '', message.code, message);
      case 'fate':
        if (message.fate === 'lost') this.lost += 1;
        else this.restored += 1;
    }
  }

  /**
   * @param {string} op
   * @param {string} outcome
   * @param {{ lanes?: Record<string, { status?: string, seq?: number }> }} message
   */
  #answered(op, outcome, { lanes = {} }) {
    const { answers } = this.#options;
    const tappedAtMs = this.waiting.get(op);
    const seq = Math.max(0, ...Object.values(lanes).map((lane) => lane.seq ?? 0));
    if (tappedAtMs === undefined) {
      // A nack without an op refuses a message, not a tap.
      if (op !== '' && outcome !== 'pending') answers.again(op, outcome, seq);
      return;
    }
    const ms = performance.now() - tappedAtMs;
    const trips = this.#trips.get(op) ?? {};
    for (const [lane, { status }] of Object.entries(lanes)) {
      if (status === 'allocated') trips[lane] ??= ms;
    }
    if (outcome === 'pending') this.#trips.set(op, trips);
    else {
      this.waiting.delete(op);
      this.#trips.delete(op);
      if (outcome === 'allocated') this.#reports.push({ op, lanes: trips });
      answers.settle(op, outcome, seq);
    }
    this.onAnswer({ ms, outcome });
  }
}

/** @param {Record<string, { status: string, code?: string }>} lanes */
function ackOutcome(lanes) {
  const results = Object.values(lanes);
  // Each lane is acknowledged by itself: the answer is complete once no lane is pending.
  if (results.some(({ status }) => status === 'pending')) return 'pending';
  if (results.some(({ status }) => status === 'allocated')) return 'allocated';
  return results.find(({ code }) => code)?.code ?? 'UNKNOWN';
}
