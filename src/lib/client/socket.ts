/**
 * The transport over a WebSocket that keeps coming back. It never queues, spreads its retries so that a room full of phones
 * does not come back in one instant (`retry.ts`), and finds out about links that died without a word (`heartbeat.ts`).
 */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { parseDown } from '#lib/protocol/down.ts';
import type { Down } from '#lib/protocol/down.ts';
import type { Role } from '#lib/protocol/http.ts';
import type { Up } from '#lib/protocol/up.ts';
import { Heartbeat } from './heartbeat.ts';
import { retryPauseMs } from './retry.ts';
import type { Cancel, Clock, Later } from './surroundings.ts';
import { browserClock, browserLater } from './surroundings.ts';
import type { Connect, Outage, ResumePoint, Transport, TransportStatus } from './transport.ts';
import type { Page } from './wake-up.ts';
import { browserPage } from './wake-up.ts';

/** After these the room means it: trying again cannot help until the person does something. */
const FINAL = new Set<number>([CLOSE.unauthorized, CLOSE.forbidden, CLOSE.unknown, CLOSE.ended]);
/** How long an attempt may take, milliseconds: three round trips of the slowest link, or a room that greets a thousand before. */
const CONNECTED_WITHIN_MS = 15_000;
/** What a browser says of a connection that was lost, or never came about, without a word. */
const LOST_WITHOUT_WORD = 1006;
/** Reconnecting at once is for single moments; sooner than this after the last time it waits like any retry, milliseconds. */
const AT_ONCE_AGAIN_MS = 1_000;
/** A connection that was lost sooner did not last, milliseconds. */
const LASTS_MS = 5_000;

/** Where to connect, as whom, and what stands in for the browser in tests. */
export interface SocketOptions {
  /** Path of the room. */
  path: string;
  role: Role;
  page?: Page;
  clock?: Clock;
  later?: Later;
  /** 0 ≤ x < 1. */
  random?: () => number;
  /** `ws://host` or `wss://host`; the page's own when missing. */
  base?: () => string;
}

/** A maker of socket transports to one room. */
export function socketTransport(options: SocketOptions): Connect {
  return (resume) => new SocketTransport(options, resume);
}

/** Address of a room's socket; `resume` is null for a client that knows nothing yet. */
export function socketUrl(base: string, path: string, role: Role, resume: ResumePoint | null): string {
  const query = new URLSearchParams({ as: role });
  if (resume) {
    query.set('epoch', String(resume.epoch));
    query.set('since', String(resume.since));
  }
  return `${base}${path}?${query.toString()}`;
}

class SocketTransport implements Transport {
  #socket: WebSocket | null = null;
  #status: TransportStatus = { kind: 'connecting' };
  #tellStatus: (status: TransportStatus) => void = () => {};
  #tellMessage: (message: Down) => void = () => {};
  /** When the newest attempt began, and when the newest connection stood; monotonic. */
  #triedAtMs = -Infinity;
  #openedAtMs = -Infinity;
  #outage: (Omit<Outage, 'triedAtMs'> & { triedAtMs: number | null }) | null = null;
  /** Since when there is no connection, monotonic. */
  #awaySinceMs: number;
  #bounces = 0;
  /** What the room said last of its size. */
  #clients: number | null = null;
  #cancelRetry: Cancel | null = null;
  #cancelAttempt: Cancel | null = null;
  readonly #options: Required<SocketOptions>;
  readonly #resume: () => ResumePoint | null;
  readonly #heartbeat: Heartbeat;
  readonly #forgetPage: () => void;

  constructor(options: SocketOptions, resume: () => ResumePoint | null) {
    this.#options = { ...browserDefaults(), ...options };
    this.#resume = resume;
    const { later, page, clock } = this.#options;
    this.#awaySinceMs = clock.monotonic();
    this.#heartbeat = new Heartbeat({
      clock,
      later,
      isVisible: () => page.isVisible(),
      ping: () => this.#say('ping'),
      onSilence: () => {
        this.reconnect();
      },
    });
    this.#forgetPage = page.onWake(() => {
      this.#wake();
    });
    this.#try();
  }

  send(message: Up): boolean {
    // Whoever has left says nothing any more, whatever was heard of the connection last.
    return this.#status.kind === 'open' && this.#say(JSON.stringify(message));
  }

  close(): void {
    this.#forgetPage();
    this.#cancelRetry?.();
    this.#drop();
  }

  onMessage(receive: (message: Down) => void): void {
    this.#tellMessage = receive;
  }

  onStatus(receive: (status: TransportStatus) => void): void {
    this.#tellStatus = receive;
    receive(this.#status);
  }

  reach(then?: (isAlive: boolean) => void): void {
    if (this.#status.kind === 'open') this.#heartbeat.probe(then);
    else then?.(false);
  }

  reconnect(): void {
    const { kind } = this.#status;
    const isSoon = this.#options.clock.monotonic() - this.#triedAtMs < AT_ONCE_AGAIN_MS;
    if (kind === 'waiting' && isSoon) return;
    this.#drop();
    if (isSoon && kind !== 'closed') return this.#retry();
    this.#setStatus({ kind: 'connecting' });
    this.#try();
  }

  /** The device was away, or its network changed: look at once instead of waiting for a timer that slept too. */
  #wake(): void {
    if (this.#status.kind === 'open') this.#heartbeat.probe();
    else if (this.#status.kind === 'waiting') {
      this.#setStatus({ ...this.#status });
      this.reconnect();
    }
  }

  #try(): void {
    this.#cancelRetry?.();
    this.#drop();
    const { base, path, role, clock, later } = this.#options;
    this.#triedAtMs = clock.monotonic();
    if (this.#outage) this.#outage.triedAtMs ??= this.#triedAtMs;
    const socket = new WebSocket(socketUrl(base(), path, role, this.#resume()));
    this.#socket = socket;
    // An old socket may still speak while it is being let go; only the present one is heard.
    const ifCurrent =
      <E>(hear: (event: E) => void) =>
      (event: E) => {
        if (this.#socket === socket) hear(event);
      };
    socket.onopen = ifCurrent(() => {
      this.#opened();
    });
    socket.onmessage = ifCurrent((event: MessageEvent) => {
      this.#hear(event.data);
    });
    socket.onclose = ifCurrent(({ code, reason }: { code: number; reason: string }) => {
      this.#lost(code, reason);
    });
    // What went wrong is told again, with its code, when the socket closes.
    socket.onerror = () => {};
    this.#cancelAttempt = later(() => {
      this.#lost(LOST_WITHOUT_WORD, '');
    }, CONNECTED_WITHIN_MS);
  }

  #opened(): void {
    this.#cancelAttempt?.();
    const outage = this.#outage;
    this.#outage = null;
    this.#openedAtMs = this.#options.clock.monotonic();
    const after = outage && outage.triedAtMs !== null ? { ...outage, triedAtMs: outage.triedAtMs } : null;
    this.#setStatus({ kind: 'open', ...(after ? { after } : {}) });
    this.#heartbeat.start(this.#openedAtMs - this.#triedAtMs);
  }

  #say(text: string): boolean {
    // Closing already: its last event is on its way.
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  #hear(data: unknown): void {
    this.#heartbeat.heard();
    if (data === 'pong') return this.#heartbeat.pong();
    const message = typeof data === 'string' ? parseDown(data) : null;
    if (!message) return;
    if ('state' in message) {
      const { phones, stages } = message.state.people;
      this.#clients = phones + stages;
    }
    this.#tellMessage(message);
  }

  #lost(code: number, reason: string): void {
    this.#outage ??= { code, lostAtMs: this.#options.clock.monotonic(), triedAtMs: null };
    this.#drop();
    if (FINAL.has(code)) this.#setStatus({ kind: 'closed', code, reason });
    else this.#retry();
  }

  #retry(): void {
    const { clock, later, random } = this.#options;
    const now = clock.monotonic();
    const isFirst = this.#openedAtMs >= this.#triedAtMs;
    if (isFirst) this.#bounces = now - this.#openedAtMs < LASTS_MS ? this.#bounces + 1 : 0;
    const trouble = {
      clients: this.#clients,
      isFirst,
      awayMs: now - this.#awaySinceMs,
      bounces: this.#bounces,
    };
    const retryInMs = retryPauseMs(trouble, random());
    this.#cancelRetry = later(() => {
      this.#try();
    }, retryInMs);
    this.#setStatus({ kind: 'waiting', retryInMs });
  }

  #drop(): void {
    this.#cancelAttempt?.();
    if (this.#status.kind === 'open') this.#awaySinceMs = this.#options.clock.monotonic();
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    this.#heartbeat.stop();
  }

  #setStatus(status: TransportStatus): void {
    this.#status = status;
    this.#tellStatus(status);
  }
}

function browserDefaults() {
  return {
    page: browserPage,
    clock: browserClock,
    later: browserLater,
    random: Math.random,
    base: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`,
  };
}
