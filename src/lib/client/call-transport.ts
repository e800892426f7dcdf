/**
 * The transport over plain calls, for networks that let no socket pass. The state is asked for every two seconds, and each order
 * is a call of its own under its op id. Nothing else can be said this way. A page that nobody sees asks for nothing.
 */
import type { StateAnswer } from '#lib/domain/room-state.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Down } from '#lib/protocol/down.ts';
import type { AllocateResult } from '#lib/protocol/http.ts';
import type { Up, UpOf } from '#lib/protocol/up.ts';
import type { ApiFailure, ApiResult } from './api.ts';
import { CalledRoom, closingOf } from './called-room.ts';
import type { Whose } from './called-room.ts';
import type { Cancel, Page, Time } from './surroundings.ts';
import type { ResumePoint, Transport, TransportStatus } from './transport.ts';

/** From the beginning of a look to the next, milliseconds. */
export const LOOK_EVERY_MS = 2_000;
/** At least so long between an answer and the next look, milliseconds: a slow network is not asked without a pause. */
const LEAST_PAUSE_MS = 500;
/** How long what is in flight at the end of a show is waited for, milliseconds; a room on sockets waits as long. */
const SETTLED_WITHIN_MS = 5_000;

/** The calls that it makes. */
export interface RoomCalls {
  state(): Promise<ApiResult<StateAnswer>>;
  order(order: UpOf<'allocate'>): Promise<ApiResult<AllocateResult>>;
}

/** What it needs. */
export interface CallNeeds extends Time {
  calls: RoomCalls;
  whose: Whose;
  page: Page;
}

/**
 * A room by plain calls: looks at its state every {@link LOOK_EVERY_MS}, sends orders, and tells both as the messages that a socket
 * would bring ({@link CalledRoom}). Other messages cannot be sent: they have no call.
 */
export class CallTransport implements Transport {
  #status: TransportStatus = { kind: 'connecting' };
  #tellStatus: (status: TransportStatus) => void = () => {};
  #tellMessage: (message: Down) => void = () => {};
  #isLooking = false;
  #hasLeft = false;
  #cancelNext: Cancel | null = null;
  /** When the show was first seen to be over, monotonic; null before that. */
  #endedAtMs: number | null = null;
  /** Orders on their way, by op: no second one is sent beside them. */
  readonly #orders = new Set<string>();
  readonly #needs: CallNeeds;
  readonly #resume: () => ResumePoint | null;
  readonly #room: CalledRoom;
  readonly #forgetPage: () => void;

  constructor(needs: CallNeeds, resume: () => ResumePoint | null) {
    this.#needs = needs;
    this.#resume = resume;
    this.#room = new CalledRoom(needs.whose);
    this.#forgetPage = needs.page.onWake(() => {
      if (needs.page.isVisible()) void this.#look();
    });
    void this.#look();
  }

  send(message: Up): boolean {
    if (this.#hasLeft || this.#status.kind !== 'open' || message.t !== 'allocate') return false;
    void this.#order(message);
    return true;
  }

  close(): void {
    this.#hasLeft = true;
    this.#forgetPage();
    this.#cancelNext?.();
  }

  onMessage(receive: (message: Down) => void): void {
    this.#tellMessage = receive;
  }

  onStatus(receive: (status: TransportStatus) => void): void {
    this.#tellStatus = receive;
    receive(this.#status);
  }

  reconnect(): void {
    if (this.#status.kind === 'closed') this.#setStatus({ kind: 'connecting' });
    void this.#look();
  }

  async #order(order: UpOf<'allocate'>): Promise<void> {
    const { op } = order;
    if (this.#orders.has(op)) return;
    this.#orders.add(op);
    const answer = await this.#needs.calls.order(order);
    this.#orders.delete(op);
    // Whoever carries now asks again about what is open.
    if (this.#hasLeft) return;
    const told = this.#room.answered(op, answer);
    if (told) this.#tellMessage(told);
    else void this.#look();
  }

  async #look(): Promise<void> {
    if (this.#isLooking || this.#hasLeft || this.#status.kind === 'closed') return;
    this.#cancelNext?.();
    this.#isLooking = true;
    const { clock, later, page, calls } = this.#needs;
    const beganAtMs = clock.monotonic();
    const answer = await calls.state();
    this.#isLooking = false;
    if (this.#hasLeft) return;
    if (answer.ok) this.#hear(answer.data, answer.meta.timestamp);
    else this.#failed(answer);
    const waitMs = answer.ok ? LOOK_EVERY_MS : (answer.retryAfterMs ?? LOOK_EVERY_MS);
    const nextMs = Math.max(LEAST_PAUSE_MS, waitMs - (clock.monotonic() - beganAtMs));
    this.#cancelNext = later(() => {
      if (page.isVisible()) void this.#look();
    }, nextMs);
  }

  #hear(state: StateAnswer, nowMs: number): void {
    const isFirst = this.#status.kind !== 'open';
    if (isFirst) this.#setStatus({ kind: 'open', byCalls: true });
    const news = isFirst
      ? [this.#room.welcome(state, nowMs)]
      : this.#room.news(state, nowMs, this.#resume()?.since ?? 0);
    for (const message of news) if (!this.#hasLeft) this.#tellMessage(message);
    if (state.ended && !this.#hasLeft) this.#end(state);
  }

  /** The show is over: what is in flight settles first. */
  #end({ lanes }: StateAnswer): void {
    const now = this.#needs.clock.monotonic();
    this.#endedAtMs ??= now;
    const isSettled = Object.values(lanes).every(({ inFlight }) => inFlight === 0);
    if (isSettled || now - this.#endedAtMs >= SETTLED_WITHIN_MS)
      this.#setStatus({ kind: 'closed', code: CLOSE.ended, reason: '' });
  }

  #failed(failure: ApiFailure): void {
    const closing = closingOf(failure);
    if (closing) this.#setStatus({ kind: 'closed', ...closing });
    // Who asks too often is answered by the show all the same.
    else if (failure.code !== 'RATE_LIMITED') this.#setStatus({ kind: 'waiting', retryInMs: LOOK_EVERY_MS });
  }

  #setStatus(status: TransportStatus): void {
    this.#status = status;
    this.#tellStatus(status);
  }
}
