/** One room of a rehearsal: what the live room does with its sockets, over books that live in this browser's memory. */
import { startAudit } from '#lib/domain/audit.ts';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import type { FateBody, Recovery } from '#lib/domain/events.ts';
import type { OrderFact } from '#lib/domain/facts.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import { fileText } from '#lib/domain/log.ts';
import type { OpRequest } from '#lib/domain/op.ts';
import type { FullRoomState, RoomState } from '#lib/domain/room-state.ts';
import { emptyLatency, isLatencyDue, takeReport, untoldLatency } from '#lib/domain/round-trip.ts';
import type { RoundTrips } from '#lib/domain/round-trip.ts';
import { roomState, toldLedger } from '#lib/domain/view.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Down } from '#lib/protocol/down.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';
import type { OpAnswer } from './buying.ts';
import { Till } from './buying.ts';
import { Books } from './books.ts';
import type { Opening } from './books.ts';
import { Feed } from './feed.ts';
import type { Member, Since } from './feed.ts';
import { Guesses } from './guesses.ts';
import { CALL, COMMIT } from './metered.ts';
import type { Cancel, Schedule } from './schedule.ts';
import { sha256Hex } from './sha256.ts';
import { SHELF_LANE } from './shelf.ts';
import { Watch } from './watch.ts';

/** Costs and refusals are told at most this often, milliseconds. */
const TICK_MS = 1_000;
/** `formatVersion` of the exported file (docs/log-format.md). */
const FORMAT_VERSION = 1;
/** How long reports of a drill are gathered, milliseconds. */
const GATHERED_MS = 100;

/** What a room needs of its rehearsal. */
export interface RoomHost {
  readonly schedule: Schedule;
  readonly seed: number;
  /** Unix milliseconds, whole. */
  now(): number;
  closesAt(): number;
  /** Simulated shoppers that are in this room now. */
  shoppers(): number;
}

/** One room of a rehearsal, as its sockets and calls see it. */
export class Room {
  readonly books: Books;
  readonly feed: Feed;
  readonly till: Till;
  readonly guesses: Guesses;
  readonly #host: RoomHost;
  readonly #latency = emptyLatency(PAIR);
  readonly #watch: Watch;
  #mostPhones = 0;
  #tick: Cancel | null = null;
  #recoveries: Recovery[] = [];

  constructor(opening: Opening, host: RoomHost) {
    this.#host = host;
    const { schedule } = host;
    const now = () => host.now();
    const changed = () => this.changed();
    const state = () => this.state();
    this.books = new Books(opening, now);
    this.guesses = new Guesses(this.books);
    const guessOf = (sessionId: string) => this.guesses.of(sessionId);
    const instance = `rehearsal-${host.seed}`;
    this.feed = new Feed({ books: this.books, schedule, instance, now, state, guessOf });
    this.till = new Till({
      books: this.books,
      schedule,
      now,
      changed,
      tellFate: (kind, body) => this.#tellFate(kind, body),
      tellClaims: (lane, orders) => this.#tellClaims(lane, orders),
    });
    this.#watch = new Watch(this.books, this.till.shelf);
  }

  /** The state as frames carry it, with the ledger that was told. */
  state(): RoomState {
    return roomState(this.books.facts, { ...this.#live(), ledger: toldLedger(this.books.facts) });
  }

  /** The state as a call answers it. */
  fullState(): FullRoomState {
    return roomState(this.books.facts, { ...this.#live(), ledger: this.books.fullLedger() });
  }

  /** Something moved: frames follow, and within a second what it would have cost. */
  changed(): void {
    this.books.active();
    this.feed.changed();
    if (this.#tick) return;
    this.#tick = this.#host.schedule.after(TICK_MS, () => {
      this.#tick = null;
      if (this.books.facts.closed) return;
      const { seq } = this.books.facts;
      this.till.tellRefusals();
      if (isLatencyDue(this.books.facts, this.#host.now())) this.#tellLatency();
      this.books.tellCost();
      if (this.books.facts.seq > seq) this.feed.changed();
      this.#look();
    });
  }

  /** A screen comes in. */
  enter(member: Member, resume: Since | null): void {
    if (this.books.facts.closed) return member.hangUp(CLOSE.ended, 'the show has ended');
    this.books.count(CALL);
    this.feed.welcome(member, resume);
    if (member.role === 'presenter' && this.#watch.newest) {
      member.hear(JSON.stringify({ t: 'audit', ...this.#watch.newest }));
    }
    this.changed();
  }

  /** Removes a socket. */
  leave(member: Member): void {
    if (this.feed.members.delete(member)) this.changed();
  }

  /** Decides an op; `answer` is called with the outcome, perhaps later. */
  buy(request: OpRequest, answer: (answer: OpAnswer) => void): void {
    this.till.buy(request, answer);
  }

  /** The round trips that a phone measured of an op of its own. */
  measured(member: Member, op: string, lanes: RoundTrips): void {
    if (this.books.facts.closed) return;
    const known = this.till.known(op);
    if (known?.owner !== member.sessionId) return;
    takeReport(this.#latency, this.books.facts, known, lanes, this.#host.now(), Infinity);
  }

  /** Sets mode or step; values that are set already make no event. */
  control(by: string, { mode, step }: { mode?: Mode | undefined; step?: number | undefined }): void {
    const { facts } = this.books;
    if (mode !== undefined && mode !== facts.mode) this.books.tell({ kind: 'mode', body: { mode, by } });
    if (step !== undefined && step !== facts.step) this.books.tell({ kind: 'step', body: { step, by } });
    this.#acted();
  }

  /** Trips or clears the guardrail by hand. */
  guardrail(action: 'trip' | 'clear'): void {
    const tripped = action === 'trip';
    if (tripped) this.books.watchThreshold();
    if (this.books.facts.guardrail.tripped === tripped) return;
    const { virtualUsd } = this.books;
    const state = tripped ? 'tripped' : 'cleared';
    this.books.tell({ kind: 'guardrail', body: { state, by: 'presenter', virtualUsd } });
    this.#acted();
  }

  /** A barrier, as in the live room: every op is before it, or refused `STALE_EPOCH`. Calls `done` with the new epoch. */
  reset(by: string, done: (epoch: number) => void): void {
    this.till.drain(() => {
      this.guesses.end('reset');
      this.books.tellCost();
      this.books.restart(by);
      this.#acted();
      done(this.books.facts.epoch);
    });
  }

  /** Cuts every screen on purpose; they come back and say how long it took. */
  drill(by: string): void {
    const cut = [...this.feed.members];
    const body = { kind: 'drop' as const, by, sockets: cut.length, wakes: 1 };
    this.books.tell({ kind: 'drill', body });
    this.#acted();
    this.feed.flush();
    for (const member of cut) {
      this.feed.members.delete(member);
      member.hangUp(CLOSE.comeBack, 'drill: come back');
    }
  }

  /** What a screen measured of the newest drill. */
  recovered(drill: number, recovery: Recovery): void {
    if (drill !== this.books.facts.drillSeq || this.books.facts.closed) return;
    if (this.#recoveries.length === 0) {
      this.#host.schedule.after(GATHERED_MS, () => {
        const clients = this.#recoveries;
        this.#recoveries = [];
        this.books.tell({ kind: 'recovered', body: { drill, clients } });
        this.#acted();
      });
    }
    this.#recoveries.push(recovery);
  }

  /** Ends the show here: everybody hears so at once, and leaves when what was in flight has settled. */
  close(by: 'expiry' | 'presenter'): void {
    if (this.books.facts.closed) return;
    this.till.tellRefusals();
    this.guesses.end('end');
    this.#tellLatency();
    this.books.tellCost();
    this.books.tell({ kind: 'closed', body: { by } });
    this.feed.flush();
    this.till.settle(() => {
      this.feed.flush();
      for (const member of this.feed.members) member.hangUp(CLOSE.ended, 'the show has ended');
      this.feed.members.clear();
    });
  }

  /** Recounts the room from its log, its state, and the rows of the table. */
  audit(): AuditResult {
    const audit = startAudit({ sha256: sha256Hex });
    for (const event of this.books.events) audit.take(event);
    const { facts } = this.books;
    const epochs = Array.from({ length: facts.epoch }, (_, index) => index + 1);
    const d1Orders = epochs.map((epoch) => ({
      lane: SHELF_LANE,
      epoch,
      rows: this.till.shelf.orders.get(epoch) ?? [],
    }));
    return audit.finish({ state: this.state(), d1Orders });
  }

  /** The log as a file. Its header says that nothing in it happened to anybody. */
  exportLog(): string {
    const { opened, head, seq } = this.books.facts;
    const { show, sku, config } = this.books.opening;
    const header = {
      format: 'revenue-guard-log',
      formatVersion: FORMAT_VERSION,
      protocolVersion: PROTOCOL_VERSION,
      simulated: true,
      simulatedWhat: 'SIMULATED: a rehearsal in one browser. No server, no database, no money.',
      seed: this.#host.seed,
      show,
      sku,
      config,
      prices: opened?.prices,
      pricesReadOn: opened?.pricesReadOn,
      exportedAtMs: this.#host.now(),
    };
    const lines = [JSON.stringify(header), ...this.books.lines, JSON.stringify({ head, seq }), ''];
    return fileText(lines.join('\n'));
  }

  /** Says something to one person, on every screen that they have here. */
  tell(label: string, message: Down): void {
    for (const member of this.feed.members) if (member.label === label) member.hear(JSON.stringify(message));
  }

  /** Tells the answer to an op to its owner. */
  tellAnswer(label: string, answer: OpAnswer): void {
    if (answer.kind === 'nack') return this.tell(label, { t: 'nack', op: answer.op, ...answer.refusal });
    const { op, epoch, lanes } = answer;
    this.tell(label, { t: 'ack', op, epoch, lanes });
  }

  #look(): void {
    const stages = [...this.feed.members].filter(({ role }) => role === 'presenter');
    const report = stages.length > 0 ? this.#watch.look(this.state()) : null;
    if (!report) return;
    for (const stage of stages) stage.hear(JSON.stringify({ t: 'audit', ...report }));
  }

  #tellLatency(): void {
    const body = untoldLatency(this.#latency, this.#mostPhones, this.books.facts);
    if (body) this.books.tell({ kind: 'latency', body });
  }

  #acted(): void {
    this.books.count(COMMIT);
    this.changed();
  }

  #live() {
    const ofRole = (role: Member['role']) =>
      [...this.feed.members].filter((each) => each.role === role).length;
    const phones = ofRole('participant') + this.#host.shoppers();
    this.#mostPhones = Math.max(this.#mostPhones, phones);
    return {
      people: { phones, stages: ofRole('presenter') },
      inFlight: this.till.inFlight,
      latency: this.#latency,
      closesAt: this.#host.closesAt(),
      guesses: this.guesses.count,
    };
  }

  #tellFate(kind: 'lost' | 'restored', { op, lane, who, byWho, units }: FateBody): void {
    this.tell(who, { t: 'fate', op, lane, fate: kind, by: byWho, units });
  }

  #tellClaims(lane: LaneId, orders: readonly OrderFact[]): void {
    for (const { op, who, holders } of orders) this.tell(who, { t: 'claim', op, lane, holders });
  }
}
