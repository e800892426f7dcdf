/**
 * A screen's end of a rehearsal: the two things that a screen has of a live show, a connection to a room and calls over HTTP,
 * with the same faces, so that nothing else on the screen knows the difference.
 */
import type { Connect, Outage, ResumePoint, Transport, TransportStatus } from '#lib/client/transport.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Down } from '#lib/protocol/down.ts';
import { parseDown } from '#lib/protocol/down.ts';
import type { Up } from '#lib/protocol/up.ts';
import type { CallAnswer } from './envelope.ts';
import type { FromScreen, Line, ToScreen } from './line.ts';
import type { Pace } from './schedule.ts';
import type { Beginning } from './show.ts';

/** A screen's port, from its own side. */
export type ScreenLine = Line<FromScreen, ToScreen>;

/** Where a screen keeps who it is; a session of the tab. */
export interface Keep {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** What a screen needs. */
export interface ScreenNeeds {
  line: ScreenLine;
  beginning: Beginning;
  keep: Keep;
  pace: Pace;
  /** 0 ≤ x < 1: spreads how soon screens come back after a drill. */
  random: () => number;
}

/** After a cut a screen comes back between these, milliseconds: as a live one of a room with a few screens does. */
const BACK_SOONEST_MS = 20;
const BACK_LATEST_MS = 40;
/** The room means it: trying again cannot help until the person does something. */
const FINAL = new Set<number>([CLOSE.unauthorized, CLOSE.forbidden, CLOSE.unknown, CLOSE.ended]);

/** One screen's end of a rehearsal: a transport and a `fetch` over the port to the host. */
export class Screen {
  /** The show as it was begun, maybe by another screen and in another step. */
  readonly began: Promise<Beginning>;
  /** True when this tab was in an earlier life of this rehearsal, which ended when its last screen closed. */
  isAnew = false;
  readonly #needs: ScreenNeeds;
  readonly #wires = new Map<number, Wire>();
  readonly #calls = new Map<number, (answer: CallAnswer) => void>();
  #numbers = 0;

  constructor(needs: ScreenNeeds) {
    this.#needs = needs;
    let began: (beginning: Beginning) => void;
    this.began = new Promise((resolve) => (began = resolve));
    needs.line.onmessage = ({ data }) => {
      if (data.k === 'began') {
        this.#noteLife(data.life);
        began(data.beginning);
      } else if (data.k !== 'hello') this.#heard(data);
    };
    needs.line.start?.();
    needs.line.postMessage({ k: 'begin', beginning: needs.beginning });
  }

  /** Calls of the HTTP contract, as `fetch` makes them. */
  fetcher(role: string): typeof fetch {
    return async (input, init) => {
      const path = input instanceof Request ? input.url : String(input);
      const headers = Object.fromEntries(new Headers(init?.headers));
      const token = this.#needs.keep.getItem(this.#tokenKey(role));
      if (token !== null) headers['authorization'] = `Bearer ${token}`;
      const body = typeof init?.body === 'string' ? init.body : '';
      const answer = await this.#call({ method: init?.method ?? 'GET', path, body, headers });
      if (path.endsWith('/auth/login')) this.#keepToken(role, answer);
      return new Response(answer.text, { status: answer.status, headers: { 'content-type': answer.type } });
    };
  }

  /** A maker of transports to one room. */
  connect(skuId: string, role: string): Connect {
    return (resume) => new Wire(this, skuId, role, resume);
  }

  /** The screen goes: the rehearsal ends with the last of them. */
  close(): void {
    this.#needs.line.postMessage({ k: 'bye' });
    this.#needs.line.close?.();
  }

  /** Opens a numbered connection. For its wires only. */
  open(wire: Wire, skuId: string, role: string, resume: ResumePoint | null): number {
    const n = ++this.#numbers;
    this.#wires.set(n, wire);
    const token = this.#needs.keep.getItem(this.#tokenKey(role)) ?? '';
    this.post({ k: 'enter', n, skuId, token, resume });
    return n;
  }

  /** Sends a message to the host. */
  post(message: FromScreen): void {
    if (message.k === 'leave') this.#wires.delete(message.n);
    this.#needs.line.postMessage(message);
  }

  /** Clock and timer of the page. */
  get pace(): Pace {
    return this.#needs.pace;
  }
  /** The source of chance. */
  get random(): () => number {
    return this.#needs.random;
  }

  #call(call: Extract<FromScreen, { k: 'call' }>['call']): Promise<CallAnswer> {
    const n = ++this.#numbers;
    return new Promise((resolve) => {
      this.#calls.set(n, resolve);
      this.post({ k: 'call', n, call });
    });
  }

  #heard(message: Exclude<ToScreen, { k: 'began' | 'hello' }>): void {
    if (message.k === 'answer') {
      this.#calls.get(message.n)?.(message.answer);
      this.#calls.delete(message.n);
      return;
    }
    const wire = this.#wires.get(message.n);
    if (message.k === 'entered') wire?.entered();
    else if (message.k === 'hear') wire?.hear(message.text);
    else {
      this.#wires.delete(message.n);
      wire?.hungUp(message.code, message.reason);
    }
  }

  #noteLife(life: string): void {
    const { keep, beginning } = this.#needs;
    const key = `rgl.rehearsal.${beginning.show}.life`;
    const before = keep.getItem(key);
    this.isAnew = before !== null && before !== life;
    keep.setItem(key, life);
  }

  #tokenKey(role: string): string {
    return `rgl.rehearsal.${this.#needs.beginning.show}.${role}`;
  }

  #keepToken(role: string, { status, text }: CallAnswer): void {
    const token = status === 200 ? /"token":"([0-9a-f-]+)"/.exec(text)?.[1] : undefined;
    if (token !== undefined) this.#needs.keep.setItem(this.#tokenKey(role), token);
  }
}

/** One connection that comes back after a drill, with what it missed. */
class Wire implements Transport {
  readonly #screen: Screen;
  readonly #skuId: string;
  readonly #role: string;
  readonly #resume: () => ResumePoint | null;
  #n = 0;
  #status: TransportStatus = { kind: 'connecting' };
  #tellStatus: (status: TransportStatus) => void = () => undefined;
  #tellMessage: (message: Down) => void = () => undefined;
  #outage: Outage | null = null;
  #cancelRetry: (() => void) | null = null;

  constructor(screen: Screen, skuId: string, role: string, resume: () => ResumePoint | null) {
    this.#screen = screen;
    this.#skuId = skuId;
    this.#role = role;
    this.#resume = resume;
    this.#open();
  }

  send(message: Up): boolean {
    if (this.#status.kind !== 'open') return false;
    this.#screen.post({ k: 'say', n: this.#n, text: JSON.stringify(message) });
    return true;
  }

  close(): void {
    this.#cancelRetry?.();
    this.#screen.post({ k: 'leave', n: this.#n });
  }

  onMessage(receive: (message: Down) => void): void {
    this.#tellMessage = receive;
  }

  onStatus(receive: (status: TransportStatus) => void): void {
    this.#tellStatus = receive;
    receive(this.#status);
  }

  reconnect(): void {
    this.close();
    this.#outage = null;
    this.#open();
  }

  entered(): void {
    this.#show({ kind: 'open', ...(this.#outage ? { after: this.#outage } : {}) });
    this.#outage = null;
  }

  hear(text: string): void {
    const message = parseDown(text);
    if (message) this.#tellMessage(message);
  }

  hungUp(code: number, reason: string): void {
    if (FINAL.has(code)) return this.#show({ kind: 'closed', code, reason });
    const { pace, random } = this.#screen;
    const lostAtMs = pace.now();
    const retryInMs = BACK_SOONEST_MS + random() * (BACK_LATEST_MS - BACK_SOONEST_MS);
    this.#show({ kind: 'waiting', retryInMs });
    this.#cancelRetry = pace.later(() => {
      this.#outage = { code, lostAtMs, triedAtMs: pace.now() };
      this.#open();
    }, retryInMs);
  }

  #open(): void {
    this.#show({ kind: 'connecting' });
    this.#n = this.#screen.open(this, this.#skuId, this.#role, this.#resume());
  }

  #show(status: TransportStatus): void {
    this.#status = status;
    this.#tellStatus(status);
  }
}
