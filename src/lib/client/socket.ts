/**
 * The transport over a WebSocket that keeps coming back (partysocket). It never queues, spreads its retries so that a room
 * full of phones does not come back in one instant (`retry.ts`), and finds out about links that died without a word
 * (`heartbeat.ts`). Longer than other files: attempts, pauses and losses of one connection are one state.
 */
import ReconnectingWebSocket from 'partysocket/ws';
import type { Options } from 'partysocket/ws';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { parseDown } from '#lib/protocol/down.ts';
import { HIDDEN, VISIBLE } from '#lib/protocol/plain-words.ts';
import type { Down } from '#lib/protocol/down.ts';
import type { Role } from '#lib/protocol/http.ts';
import type { Up } from '#lib/protocol/up.ts';
import { Heartbeat } from './heartbeat.ts';
import { retryPauseMs } from './retry.ts';
import type { Clock, Later, Page } from './surroundings.ts';
import { browserPage, browserTime } from './surroundings.ts';
import type { Connect, Outage, ResumePoint, Transport, TransportStatus } from './transport.ts';

/** After these the room means it: trying again cannot help until the person does something. */
const FINAL = new Set<number>([CLOSE.unauthorized, CLOSE.forbidden, CLOSE.unknown, CLOSE.ended]);
/** How long an attempt may take, milliseconds: three round trips of the slowest link, or a room that greets a thousand before. */
const CONNECTED_WITHIN_MS = 15_000;
/** Reconnecting at once is for single moments; sooner than this after the last time it waits like any retry, milliseconds. */
const AT_ONCE_AGAIN_MS = 1_000;
/** A connection that was lost sooner did not last, milliseconds. */
const LASTS_MS = 5_000;

/** Where to connect, as whom, and what stands in for the browser in tests. */
export interface SocketOptions {
  /** Path of the room. */
  path: string;
  /** Subprotocols that are offered: how a page without a session says who it is. */
  protocols?: string[];
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
  #status: TransportStatus = { kind: 'connecting' };
  #tellStatus: (status: TransportStatus) => void = () => {};
  #tellMessage: (message: Down) => void = () => {};
  /** When the newest attempt began, and when the newest connection stood; monotonic. */
  #triedAtMs: number;
  #openedAtMs = -Infinity;
  #outage: (Omit<Outage, 'triedAtMs'> & { triedAtMs: number | null }) | null = null;
  /** Since when there is no connection, monotonic. */
  #awaySinceMs: number;
  #bounces = 0;
  /** What the room said last of its size. */
  #clients: number | null = null;
  /** The pause before the next attempt, while there is one. */
  #pause: { over: Promise<void>; end: () => void } | null = null;
  #hasLeft = false;
  readonly #options: Required<Omit<SocketOptions, 'protocols'>> & Pick<SocketOptions, 'protocols'>;
  readonly #resume: () => ResumePoint | null;
  readonly #heartbeat: Heartbeat;
  readonly #forgetPage: () => void;
  readonly #socket: ReconnectingWebSocket;

  constructor(options: SocketOptions, resume: () => ResumePoint | null) {
    this.#options = { ...browserDefaults(), ...options };
    this.#resume = resume;
    const { later, page, clock } = this.#options;
    this.#triedAtMs = this.#awaySinceMs = clock.monotonic();
    this.#heartbeat = new Heartbeat({
      clock,
      later,
      isVisible: () => page.isVisible(),
      ping: () => this.#socket.send('ping'),
      onSilence: () => {
        this.reconnect();
      },
    });
    this.#forgetPage = page.onWake(() => {
      this.#wake();
    });
    this.#socket = this.#connect();
  }

  send(message: Up): boolean {
    // Whoever has left says nothing any more, whatever was heard of the connection last.
    return !this.#hasLeft && this.#status.kind === 'open' && this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    this.#hasLeft = true;
    this.#forgetPage();
    this.#heartbeat.stop();
    this.#pause?.end();
    this.#socket.close();
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
    if (this.#hasLeft) return;
    const { kind } = this.#status;
    const isSoon = this.#options.clock.monotonic() - this.#triedAtMs < AT_ONCE_AGAIN_MS;
    if (kind === 'waiting' && isSoon) return;
    // A connection that is let go is told as lost: a pause begins, as after any other loss.
    if (kind !== 'waiting') this.#socket.reconnect();
    if (isSoon && kind !== 'closed') return;
    this.#setStatus({ kind: 'connecting' });
    this.#pause?.end();
  }

  /** The device was away, or its network changed: look at once instead of waiting for a timer that slept too. */
  #wake(): void {
    if (this.#status.kind === 'open') {
      const isSeen = this.#options.page.isVisible();
      // The timers of a hidden page hardly run, and the room must not take it for gone.
      this.#socket.send(isSeen ? VISIBLE : HIDDEN);
      if (isSeen) this.#heartbeat.probe();
    } else if (this.#status.kind === 'waiting') {
      this.#setStatus({ ...this.#status });
      this.reconnect();
    }
  }

  #connect(): ReconnectingWebSocket {
    const socket = new ReconnectingWebSocket(() => this.#address(), this.#options.protocols, {
      maxEnqueuedMessages: 0,
      connectionTimeout: CONNECTED_WITHIN_MS,
      // The library knows no room's size: it tries at once, and gets the address when the pause is over.
      minReconnectionDelay: 0,
      maxReconnectionDelay: 0,
      shouldReconnectOnClose: ({ code }) => !FINAL.has(code),
    } satisfies Options);
    socket.onopen = () => {
      this.#opened();
    };
    socket.onmessage = (event: MessageEvent) => {
      this.#hear(event.data);
    };
    socket.onclose = ({ code, reason }) => {
      this.#lost(code, reason);
    };
    return socket;
  }

  /** Where to connect, asked for at the beginning of every attempt. */
  async #address(): Promise<string> {
    await this.#pause?.over;
    const { base, path, role, clock } = this.#options;
    this.#triedAtMs = clock.monotonic();
    if (this.#outage) this.#outage.triedAtMs ??= this.#triedAtMs;
    return socketUrl(base(), path, role, this.#resume());
  }

  #opened(): void {
    const outage = this.#outage;
    this.#outage = null;
    this.#openedAtMs = this.#options.clock.monotonic();
    const after = outage && outage.triedAtMs !== null ? { ...outage, triedAtMs: outage.triedAtMs } : null;
    this.#setStatus({ kind: 'open', ...(after ? { after } : {}) });
    this.#heartbeat.start(this.#openedAtMs - this.#triedAtMs);
    if (!this.#options.page.isVisible()) this.#wake();
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
    if (this.#hasLeft) return;
    const now = this.#options.clock.monotonic();
    this.#outage ??= { code, lostAtMs: now, triedAtMs: null };
    if (this.#status.kind === 'open') this.#awaySinceMs = now;
    this.#heartbeat.stop();
    if (FINAL.has(code)) this.#setStatus({ kind: 'closed', code, reason });
    else this.#retry(now);
  }

  #retry(now: number): void {
    const isFirst = this.#openedAtMs >= this.#triedAtMs;
    if (isFirst) this.#bounces = now - this.#openedAtMs < LASTS_MS ? this.#bounces + 1 : 0;
    const trouble = {
      clients: this.#clients,
      isFirst,
      awayMs: now - this.#awaySinceMs,
      bounces: this.#bounces,
    };
    const retryInMs = retryPauseMs(trouble, this.#options.random());
    this.#wait(retryInMs);
    this.#setStatus({ kind: 'waiting', retryInMs });
  }

  /** Begins a pause. It ends by itself, or when somebody cuts it short. */
  #wait(ms: number): void {
    let end = () => {};
    const over = new Promise<void>((resolve) => {
      const cancel = this.#options.later(() => end(), ms);
      end = () => {
        cancel();
        this.#pause = null;
        resolve();
      };
    });
    this.#pause = { over, end };
  }

  #setStatus(status: TransportStatus): void {
    this.#status = status;
    this.#tellStatus(status);
  }
}

function browserDefaults() {
  return {
    page: browserPage,
    ...browserTime,
    random: Math.random,
    base: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`,
  };
}
