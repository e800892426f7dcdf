/**
 * The transport over a WebSocket that keeps coming back (partysocket). It never queues, spreads its retries so that a
 * room full of phones does not come back in one instant, and finds out about links that died without a word.
 */
import ReconnectingWebSocket from 'partysocket/ws';
import type { Options } from 'partysocket/ws';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { parseDown } from '#lib/protocol/down.ts';
import type { Down } from '#lib/protocol/down.ts';
import type { Role } from '#lib/protocol/http.ts';
import type { Up } from '#lib/protocol/up.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Cancel, Clock, Later } from './surroundings.ts';
import { browserClock, browserLater } from './surroundings.ts';
import type { Connect, ResumePoint, Transport, TransportStatus } from './transport.ts';
import type { Page } from './wake-up.ts';
import { browserPage } from './wake-up.ts';

/** First pause before a retry, each client its own between these, milliseconds. Later ones grow by the factor up to the longest. */
const RETRY_SOONEST_MS = 250;
const RETRY_LATEST_MS = 2_000;
const RETRY_GROWTH = 1.6;
const RETRY_LONGEST_MS = 10_000;
/** After these the room means it: trying again cannot help until the person does something. */
const FINAL = new Set<number>([CLOSE.unauthorized, CLOSE.forbidden, CLOSE.unknown, CLOSE.ended]);
/** How long an attempt may take: a room to which a thousand come back at once greets the last after seconds, milliseconds. */
const CONNECTED_WITHIN_MS = 10_000;
/** Reconnecting at once is for single moments; sooner than this after the last time it waits like any retry, milliseconds. */
const AT_ONCE_AGAIN_MS = 1_000;

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
  #socket: ReconnectingWebSocket | null = null;
  #status: TransportStatus = { kind: 'connecting' };
  #tellStatus: (status: TransportStatus) => void = () => {};
  #tellMessage: (message: Down) => void = () => {};
  #connectedAtMs = -Infinity;
  #outage: { code: number; lostAtMs: number; triedAtMs: number | null } | null = null;
  #cancelReconnect: Cancel | null = null;
  readonly #options: Required<SocketOptions>;
  readonly #resume: () => ResumePoint | null;
  readonly #retryMs: number;
  readonly #heartbeat: Heartbeat;
  readonly #forgetPage: () => void;

  constructor(options: SocketOptions, resume: () => ResumePoint | null) {
    this.#options = { ...browserDefaults(), ...options };
    this.#resume = resume;
    const { random, later, page } = this.#options;
    this.#retryMs = RETRY_SOONEST_MS + random() * (RETRY_LATEST_MS - RETRY_SOONEST_MS);
    this.#heartbeat = new Heartbeat({
      later,
      isVisible: () => page.isVisible(),
      ping: () => this.#socket?.send('ping'),
      onSilence: () => {
        this.reconnect();
      },
    });
    this.#forgetPage = page.onWake(() => {
      this.#wake();
    });
    this.#connect();
  }

  send(message: Up): boolean {
    // Whoever has left says nothing any more, whatever was heard of the connection last.
    return this.#status.kind === 'open' && (this.#socket?.send(JSON.stringify(message)) ?? false);
  }

  close(): void {
    this.#forgetPage();
    this.#cancelReconnect?.();
    this.#drop();
  }

  onMessage(receive: (message: Down) => void): void {
    this.#tellMessage = receive;
  }

  onStatus(receive: (status: TransportStatus) => void): void {
    this.#tellStatus = receive;
    receive(this.#status);
  }

  check(): void {
    if (this.#status.kind === 'open') this.#heartbeat.probe();
  }

  reconnect(): void {
    if (this.#cancelReconnect) return;
    const sinceMs = this.#options.clock.monotonic() - this.#connectedAtMs;
    if (sinceMs >= AT_ONCE_AGAIN_MS) return this.#connect();
    this.#drop();
    this.#cancelReconnect = this.#options.later(() => {
      this.#connect();
    }, this.#retryMs);
    this.#setStatus({ kind: 'waiting', retryInMs: this.#retryMs });
  }

  /** The device was away, or its network changed: look at once instead of waiting for a timer that slept too. */
  #wake(): void {
    if (this.#status.kind === 'open') this.#heartbeat.probe();
    else if (this.#status.kind === 'waiting') {
      this.#setStatus({ ...this.#status });
      this.reconnect();
    }
  }

  /** A new socket each time: partysocket cannot cut its own pause short. */
  #connect(): void {
    this.#cancelReconnect?.();
    this.#cancelReconnect = null;
    this.#drop();
    this.#connectedAtMs = this.#options.clock.monotonic();
    this.#setStatus({ kind: 'connecting' });
    const { base, path, role } = this.#options;
    const address = () => {
      // Asked for at the beginning of every attempt.
      if (this.#outage) this.#outage.triedAtMs ??= this.#options.clock.monotonic();
      return socketUrl(base(), path, role, this.#resume());
    };
    const socket = new ReconnectingWebSocket(address, [], {
      maxEnqueuedMessages: 0,
      connectionTimeout: CONNECTED_WITHIN_MS,
      minReconnectionDelay: this.#retryMs,
      maxReconnectionDelay: RETRY_LONGEST_MS,
      reconnectionDelayGrowFactor: RETRY_GROWTH,
      shouldReconnectOnClose: ({ code }) => !FINAL.has(code),
    } satisfies Options);
    this.#socket = socket;
    // An old socket may still speak while it is being let go; only the present one is heard.
    const ifCurrent =
      <E>(hear: (event: E) => void) =>
      (event: E) => {
        if (this.#socket === socket) hear(event);
      };
    socket.onopen = ifCurrent(() => {
      const { code, lostAtMs, triedAtMs } = this.#outage ?? { code: 0, lostAtMs: 0, triedAtMs: null };
      this.#setStatus({
        kind: 'open',
        ...(triedAtMs === null ? {} : { after: { code, lostAtMs, triedAtMs } }),
      });
      this.#outage = null;
      this.#heartbeat.start();
    });
    socket.onmessage = ifCurrent((event: MessageEvent) => {
      this.#hear(event.data);
    });
    socket.onclose = ifCurrent(({ code, reason }: { code: number; reason: string }) => {
      this.#lost(code, reason);
    });
  }

  #hear(data: unknown): void {
    this.#heartbeat.heard();
    if (typeof data !== 'string' || data === 'pong') return;
    const message = parseDown(data);
    if (message) this.#tellMessage(message);
  }

  #lost(code: number, reason: string): void {
    this.#heartbeat.stop();
    this.#outage ??= { code, lostAtMs: this.#options.clock.monotonic(), triedAtMs: null };
    if (FINAL.has(code)) return this.#setStatus({ kind: 'closed', code, reason });
    const retries = this.#socket?.retryCount ?? 0;
    const retryInMs = Math.min(this.#retryMs * RETRY_GROWTH ** Math.max(0, retries - 1), RETRY_LONGEST_MS);
    this.#setStatus({ kind: 'waiting', retryInMs });
  }

  #drop(): void {
    this.#heartbeat.stop();
    const old = this.#socket;
    this.#socket = null;
    old?.close();
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
