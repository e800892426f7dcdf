/**
 * One client's side of a room, without a framework: applies the stream in order and without gaps, and resumes when an event is
 * missing. Messages before the welcome are ignored, and taps without a connection are not taken. Longer than other files: order,
 * gaps and what the page is told hang on one count of events, and parts of it would have to ask each other for it.
 */
import { unreachable } from '#lib/domain/assert.ts';
import type { Down, DownOf } from '#lib/protocol/down.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { SEEN_INTERVAL_MS } from '#lib/protocol/limits.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';
import { connectionAfter } from './connection.ts';
import { OpController } from './op-controller.ts';
import type { PresenterActs } from './presenter-acts.ts';
import type { EventListener, RoomView, TapResult } from './room-view.ts';
import { offsetAfter } from './room-clock.ts';
import { EMPTY_VIEW, OUTDATED } from './room-view.ts';
import type { SessionSurroundings } from './session-surroundings.ts';
import type { Cancel } from './surroundings.ts';
import type { Connect, Outage, ResumePoint, Transport, TransportStatus } from './transport.ts';

/** In a race, units are lost and come back a hundred times a second: drawn together after so long, milliseconds. */
const FATES_TOGETHER_MS = 50;

/** One client's connection to a room: applies the stream in order, resumes after gaps, and sends messages. */
export class RoomSession {
  /** True once the room has told the end of the show. */
  heardEnd = false;
  #view: RoomView = EMPTY_VIEW;
  #epoch: number | null = null;
  #seq = 0;
  #seenSent = 0;
  #cancelSeen: Cancel | null = null;
  #cancelPublish: Cancel | null = null;
  /** What this connection came back from; null once its welcome was heard. */
  #outage: Outage | null = null;
  /** `seq` of the newest drill that this client was told of; 0 before the first. */
  #drillSeq = 0;
  /** What a presenter's screen may do here; null on a phone. */
  readonly acts: PresenterActs | null;
  readonly #listeners = new Set<EventListener>();
  readonly #ops: OpController;
  readonly #around: SessionSurroundings;
  #transport: Transport;
  #byCalls = false;

  constructor(around: SessionSurroundings) {
    this.#around = around;
    this.#ops = new OpController({
      ...around,
      send: (message) => this.#transport.send(message),
      checkLink: () => this.#transport.reach?.(),
    });
    this.#transport = around.connect(() => this.#resumePoint());
    this.acts =
      around.presents?.({
        transport: this.#transport,
        isConnected: () => this.#view.connection.kind === 'connected',
        onNotReached: () => {
          this.#publish({ refusal: { code: 'OFFLINE' } });
        },
      }) ?? null;
    this.#listen();
  }

  /** What the page shows of the room now. */
  get view(): RoomView {
    return this.#view;
  }

  /** Hears every event from now on, each once and in order. Returns what ends it. */
  onEvents(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One tap: buys `units` on the lanes that the button shows right now. */
  tap(units = 1): TapResult {
    const { state } = this.#view;
    if (!state) return 'offline';
    const result = this.#ops.tap({ units, epoch: state.epoch, mode: state.mode });
    if (result === 'sent') this.#publish({ resetSeen: false });
    return result;
  }

  /** Participant: an answer to the guess that is on screen. It counts once the room says so ({@link RoomView.guessed}). */
  guess(value: number): boolean {
    const asked = this.#view.state?.guess?.asked;
    return asked !== undefined && this.#transport.send({ t: 'guess', asked, value });
  }

  /** Participant: practice taps in a held room. */
  readonly practise = (taps: number) => this.#transport.send({ t: 'practice', n: taps });

  /** Tells the room what this client measured of the newest drill. Milliseconds. */
  readonly reportRecovery = (measured: { waitedMs: number; ms: number; missing: number }) =>
    this.#transport.send({ t: 'recovered', drill: this.#drillSeq, ...measured });

  /** Goes on over another transport, from where this client is. Not for a presenter, whose acts keep the first one. */
  carryBy(connect: Connect): void {
    this.#fallSilent();
    this.#transport.close();
    this.#transport = connect(() => this.#resumePoint());
    this.#listen();
  }

  /** Tries again, also after the room refused: for a button that says so. */
  retry(): void {
    this.#transport.reconnect();
  }

  /** Hears and says nothing more, but for the acts that were taken: those are sent before the connection goes. */
  close(): void {
    this.#cancelSeen?.();
    this.#cancelPublish?.();
    this.#ops.disconnected();
    this.#fallSilent();
    const leave = () => {
      this.#transport.close();
    };
    if (this.acts) this.acts.finish(leave);
    else leave();
  }

  /** Nothing more will be heard: `lastWord` changes ops and view by what is known otherwise. */
  conclude(lastWord: (ops: OpController) => Partial<RoomView>): void {
    this.#publish(lastWord(this.#ops));
  }

  #listen(): void {
    this.#transport.onMessage((message) => this.#hear(message));
    this.#transport.onStatus((status) => this.#statusChanged(status));
  }

  #fallSilent(): void {
    this.#transport.onMessage(() => {});
    this.#transport.onStatus(() => {});
  }

  #resumePoint(): ResumePoint | null {
    return this.#epoch === null ? null : { epoch: this.#epoch, since: this.#seq };
  }

  #hear(message: Down): void {
    this.#around.heard?.(message);
    switch (message.t) {
      case 'welcome':
        return this.#welcome(message);
      case 'frame':
        return this.#frame(message);
      case 'ack':
        if (message.epoch === this.#epoch) this.#ops.answered(message.op, message.lanes);
        this.#sayLater();
        return this.#publish({});
      case 'nack':
        return this.#refused(message);
      case 'fate':
        this.#ops.tickets.fate(message);
        return this.#publishSoon();
      case 'stage':
        // Between the presenter's screens: whoever asked to hear everything has heard it.
        return;
      case 'guessed':
        return this.#publish({ guessed: { asked: message.asked, value: message.value } });
      case 'audit':
        return this.#publish({ audit: message });
      case 'claim':
        this.#ops.tickets.claim(message);
        return this.#publishSoon();
      default:
        unreachable(message);
    }
  }

  #statusChanged(status: TransportStatus): void {
    const { clock, online } = this.#around;
    this.#outage = status.kind === 'open' ? (status.after ?? null) : null;
    this.#byCalls = status.kind === 'open' && status.byCalls === true;
    const connection = connectionAfter(this.#view.connection, status, clock.monotonic(), online());
    if (connection.kind !== 'connected') this.#ops.disconnected();
    if (connection !== this.#view.connection) this.#publish({ connection });
  }

  #welcome(welcome: DownOf<'welcome'>): void {
    if (welcome.v > PROTOCOL_VERSION) return this.#outdated(welcome.v);
    const { epoch, seq, you, events, state, recovered, instance, wakes } = welcome;
    const from = recovered ? this.#seq + 1 : seq + 1;
    const missing = seq - this.#seq - events.length;
    const news = this.#enter(epoch);
    this.#ops.welcome(you, epoch, state.lanes);
    this.#advance(seq);
    this.#publish({
      ...news,
      state,
      you,
      // Calls do not tell what this client has guessed.
      guessed: you.guess ?? (this.#byCalls ? this.#view.guessed : null),
      instance,
      wakes,
      connection: { kind: 'connected', ...(this.#byCalls && { byCalls: true as const }) },
      clockOffsetMs: welcome.now - this.#around.clock.monotonic(),
      head: events.at(-1)?.hash ?? this.#view.head,
    });
    const omitted = recovered ? seq - from + 1 - events.length : 0;
    this.#tell(events, { from, seq, omitted, recovered });
    this.#measureRecovery(missing);
  }

  /** A drill cut this client off: how long it took to be back, and what it was not told. */
  #measureRecovery(missing: number): void {
    const outage = this.#outage;
    this.#outage = null;
    if (outage?.code !== CLOSE.comeBack) return;
    const { lostAtMs, triedAtMs } = outage;
    const ms = this.#around.clock.monotonic() - triedAtMs;
    this.reportRecovery({ waitedMs: triedAtMs - lostAtMs, ms, missing });
  }

  #frame(frame: DownOf<'frame'>): void {
    const isOld = frame.from <= this.#seq && frame.seq <= this.#seq;
    if (this.#epoch === null || isOld) return;
    if (frame.from !== this.#seq + 1) return this.#transport.reconnect();
    const { epoch, from, seq, events, omitted, state, head } = frame;
    const news = this.#enter(epoch);
    this.#advance(seq);
    this.#publish({
      ...news,
      state,
      ...(head === undefined ? {} : { head }),
      clockOffsetMs: offsetAfter(this.#view.clockOffsetMs, frame.now, this.#around.clock.monotonic()),
    });
    this.#tell(events, { from, seq, omitted, recovered: true });
  }

  #enter(epoch: number): Partial<RoomView> {
    const isNext = this.#epoch !== null && this.#epoch !== epoch;
    this.#epoch = epoch;
    return isNext && this.#ops.newEpoch(epoch) ? { resetSeen: true } : {};
  }

  #refused({ op, code, message, retryAfterMs }: DownOf<'nack'>): void {
    const refusal = { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    if (op === undefined) this.#publish({ refusal });
    else if (this.#ops.refused(op, refusal)) this.#publish({});
  }

  #outdated(version: number): void {
    this.#transport.close();
    this.#ops.disconnected();
    const reason = `The room speaks version ${version}, this page version ${PROTOCOL_VERSION}.`;
    this.#publish({ connection: { kind: 'refused', code: OUTDATED, reason } });
  }

  #advance(seq: number): void {
    this.#seq = seq;
    this.#sayLater();
  }

  /**
   * Tells the room how far this client is, once in a while and only when it moved: that is how the room finds laggards. And
   * what it measured of its last tap, which no further tap may ever report.
   */
  #sayLater(): void {
    const { trips } = this.#ops;
    if (this.#cancelSeen || (this.#seq === this.#seenSent && !trips.next)) return;
    this.#cancelSeen = this.#around.later(() => {
      this.#cancelSeen = null;
      const rtt = trips.next;
      if (!this.#transport.send({ t: 'seen', seq: this.#seq, ...(rtt ? { rtt } : {}) })) return;
      this.#seenSent = this.#seq;
      trips.sent();
      this.#sayLater();
    }, SEEN_INTERVAL_MS);
  }

  #tell(...told: Parameters<EventListener>): void {
    for (const { kind, seq } of told[0]) {
      if (kind === 'drill') this.#drillSeq = seq;
      this.heardEnd ||= kind === 'closed';
    }
    for (const listener of this.#listeners) listener(...told);
  }

  /** With the next frame, or a moment later. */
  #publishSoon(): void {
    this.#cancelPublish ??= this.#around.later(() => this.#publish({}), FATES_TOGETHER_MS);
  }

  #publish(change: Partial<RoomView>): void {
    this.#cancelPublish?.();
    this.#cancelPublish = null;
    this.#view = { ...this.#view, ...change, tickets: this.#ops.tickets.list };
    this.#around.onChange(this.#view);
  }
}
