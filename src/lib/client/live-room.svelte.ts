/** A room as a page's live state: a thin shell of runes around {@link RoomSession}. */
import type { AuditReport } from '#lib/domain/auditor.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { You } from '#lib/protocol/down.ts';
import type { Role } from '#lib/protocol/http.ts';
import { roomName, roomPath } from '#lib/protocol/paths.ts';
import type { SessionSurroundings } from './session-surroundings.ts';
import { RoomSession } from './room-session.ts';
import type { Connection, EventListener, RoomView, TapResult } from './room-view.ts';
import { EMPTY_VIEW } from './room-view.ts';
import { socketTransport } from './socket.ts';
import { browserTime, makeUuid, tabStore } from './surroundings.ts';
import type { Ticket } from './ticket.ts';

/**
 * Which room, and as whom. Everything else has the browser's own as its default; `connect` swaps the socket for another
 * transport.
 */
export interface LiveRoomOptions extends Partial<Omit<SessionSurroundings, 'onChange' | 'room'>> {
  show: string;
  skuId: string;
  role: Role;
}

/** A room as runes. Make one in the browser only, and {@link LiveRoom.close} it when its page goes. */
export class LiveRoom {
  #view = $state.raw<RoomView>(EMPTY_VIEW);
  // Every frame is a new view. What most frames leave as it was is told only when it changed: lists are not drawn again.
  readonly #tickets = $derived(this.#view.tickets);
  readonly #connection = $derived(this.#view.connection);
  readonly #audit = $derived(this.#view.audit);
  /** The same without runes. */
  readonly session: RoomSession;

  constructor({ show, skuId, role, ...around }: LiveRoomOptions) {
    this.session = new RoomSession({
      connect: socketTransport({ path: roomPath(show, skuId), role }),
      ...browserTime,
      store: tabStore,
      online: () => navigator.onLine,
      uuid: () => makeUuid(),
      random: Math.random,
      ...around,
      room: roomName(show, skuId),
      onChange: (view) => {
        this.#view = view;
      },
    });
  }

  /** Exact and complete as of the newest frame; null before the first. */
  get state(): RoomState | null {
    return this.#view.state;
  }
  /** This client in the room; null before the welcome. */
  get you(): You | null {
    return this.#view.you;
  }
  /** The state of the connection. */
  get connection(): Connection {
    return this.#connection;
  }
  /** This client's taps of this epoch and what became of them, newest first. */
  get tickets(): readonly Ticket[] {
    return this.#tickets;
  }
  /** Hash of the newest event whose hash was told. */
  get head(): string | null {
    return this.#view.head;
  }
  /** True from a reset that took tickets away until the next tap. */
  get resetSeen(): boolean {
    return this.#view.resetSeen;
  }
  /** The room's newest refusal that belongs to no tap. */
  get refusal(): RoomView['refusal'] {
    return this.#view.refusal;
  }
  /** This client's own answer to a guess, once the room has confirmed it. */
  get guessed(): RoomView['guessed'] {
    return this.#view.guessed;
  }
  /** Presenter: what the room's own audit found last; null before the first. */
  get audit(): AuditReport | null {
    return this.#audit;
  }
  /** What to add to the page's monotonic clock to get the room's Unix milliseconds; null before the first welcome. */
  get clockOffsetMs(): number | null {
    return this.#view.clockOffsetMs;
  }
  /** Name of the room's present life in memory. */
  get instance(): string | null {
    return this.#view.instance;
  }
  /** How often the room has woken up. */
  get wakes(): number {
    return this.#view.wakes;
  }

  /** Hears every event from now on, in order. Returns what ends it. */
  onEvents(listener: EventListener): () => void {
    return this.session.onEvents(listener);
  }
  /** One tap. `offline` and `tooFast` bought nothing and are not kept. */
  tap(units = 1): TapResult {
    return this.session.tap(units);
  }
  /** Participant: an answer to the guess that is on screen. False without a connection: nothing was sent. */
  guess(value: number): boolean {
    return this.session.guess(value);
  }
  /** Participant: practice taps in a held room. */
  practise(taps: number): void {
    this.session.practise(taps);
  }
  /** Presenter: what this page measured of the newest drill, milliseconds. */
  reportRecovery(measured: { waitedMs: number; ms: number; missing: number }): boolean {
    return this.session.reportRecovery(measured);
  }
  /** Tries again after a refusal, or at once instead of after the pause. */
  retry(): void {
    this.session.retry();
  }
  /** Closes the connection for good. */
  close(): void {
    this.session.close();
  }
}
