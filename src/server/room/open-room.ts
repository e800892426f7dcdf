/**
 * An open room: the parts of one that was opened, put together. Commands come in, the engine decides and stores them in
 * turns, settling hears the lanes that answer later, the feed tells both audiences.
 */
import type { Refusal } from '#lib/domain/codes.ts';
import type { EventKind, RoomEvent } from '#lib/domain/events.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LedgerTotals } from '#lib/domain/ledger.ts';
import type { ChainedEvent } from '#lib/domain/log.ts';
import type { OpRequest } from '#lib/domain/op.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { feel, noPressure, release } from '#lib/domain/pressure.ts';
import { duelOfFacts } from '#lib/domain/race-duel.ts';
import { roomState, toldLedger } from '#lib/domain/view.ts';
import type { Live } from '#lib/domain/view.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { errorFields, logLine } from '../log.ts';
import { Audits } from './auditing.ts';
import { buy, inFlight, nackOf } from './buying.ts';
import type { BuyingHost, OpAnswer } from './buying.ts';
import { CallLimits } from './call-limits.ts';
import { CostTick } from './cost-tick.ts';
import { Engine } from './engine.ts';
import { Feed } from './feed.ts';
import { endGuess } from './guesses.ts';
import { linesBetween } from './log-lines.ts';
import { LagProbe } from './lag-probe.ts';
import { loadMemory, own, spellingIn, storeTold } from './memory.ts';
import type { PendingOp, RoomMemory } from './memory.ts';
import { closeMember } from './members.ts';
import { tellOpened } from './opening.ts';
import { fullLedger, tellCost, watchThreshold } from './money.ts';
import type { RoomContext, RoomParts } from './parts.ts';
import { Points } from './points.ts';
import { Resetting } from './resetting.ts';
import { Settling } from './settling.ts';
import { sha256 } from './sha256.ts';
import { Recoveries } from './recoveries.ts';
import { Refusals } from './refusals.ts';
import { Summing } from './summing.ts';
import { tellAnswer, tellClaims, tellFate } from './telling.ts';
import type { Turn } from './turn.ts';

/** Fewer phones cannot ask more than a room can answer, at twenty messages a second each: it is late for another reason. */
const CROWD = 500;

/** Kinds after which there is nothing to tell of costs. */
const OF_THE_TICK: ReadonlySet<EventKind> = new Set(['cost', 'latency', 'closed']);

/** See the module's comment. */
export class OpenRoom implements RoomContext {
  readonly parts: RoomParts;
  readonly engine: Engine;
  readonly feed: Feed;
  readonly settling: Settling;
  readonly resetting: Resetting;
  readonly costs: CostTick;
  readonly recoveries: Recoveries;
  readonly audits = new Audits(this);
  readonly summing = new Summing(this);
  readonly calls = new CallLimits();
  readonly points: Points;
  readonly lag: LagProbe;
  readonly #pressure = noPressure();
  readonly refusals = new Refusals();
  readonly #buying: BuyingHost;
  #memory: RoomMemory;

  constructor(parts: RoomParts, memory: RoomMemory) {
    this.parts = parts;
    this.#memory = memory;
    const { tables, lanes, members } = parts;
    const now = () => parts.now();
    const current = () => this.#memory;
    const spell = (op: string) => spellingIn(current(), op);
    const failed = (error: unknown) => logLine('room_failed', { room: this.name, ...errorFields(error) });
    this.engine = new Engine({
      tables,
      sha256,
      now,
      memory: current,
      reload: () => this.#reload(),
      closeTurn: (turn) => this.#closeTurn(turn),
      cursorsAfter: (turn) => this.feed.cursorsAfter(turn.memory.facts.seq),
      stored: (turn) => this.feed.take(turn.told),
      turned: (turn) => this.#turned(turn),
      failed,
    });
    this.points = new Points(parts.telemetry, current);
    this.costs = new CostTick(
      this.engine,
      this.refusals,
      () => this.#memory.facts.closed !== null,
      () => {
        this.points.flush();
        parts.ticked();
      },
    );
    this.recoveries = new Recoveries(this.engine, current);
    this.lag = new LagProbe(
      now,
      (look) => {
        const crowd = members.ofRole('participant').size;
        if (crowd < CROWD) release(this.#pressure);
        else feel(this.#pressure, look);
      },
      () => release(this.#pressure),
    );
    this.settling = new Settling({
      engine: this.engine,
      lanes,
      memory: current,
      now,
      failed,
      answerOwner: (label, answer) => tellAnswer(members, label, answer),
      tellFate: (kind, body) => {
        const lane = current().facts.lanes[body.lane];
        tellFate(members, kind, body, spell, kind === 'lost' ? duelOfFacts(lane, body.op, body.by) : null);
      },
      tellClaims: (lane, orders) => tellClaims(members, lane, orders, spell),
      drained: () => {
        this.resetting.drained();
        // Nothing else would tell what those cost that were in flight when the show ended.
        if (current().facts.closed) this.engine.submit({ run: tellCost, failed: () => undefined });
      },
    });
    this.resetting = new Resetting({
      tables,
      engine: this.engine,
      lanes,
      memory: current,
      failed,
      closeEpoch: (turn) => {
        this.refusals.tellIn(turn);
        endGuess(turn, 'reset');
        tellCost(turn);
      },
      restarted: () => this.settling.restart(),
    });
    this.#buying = {
      pressure: this.#pressure,
      lanes,
      barred: (owner) => this.barred(owner),
      order: (pending: PendingOp, answer) => {
        this.settling.order(pending, answer);
        // It has no event yet, but stages show how many are in flight.
        this.feed.changedForStages();
      },
      typicalFlightMs: () => this.settling.typicalFlightMs,
    };
    this.feed = new Feed(
      {
        members,
        now,
        epoch: () => this.#memory.facts.epoch,
        seq: () => this.#memory.facts.seq,
        head: () => this.#memory.facts.head,
        isBehind: () => this.#pressure.behind,
        stateJson: () => JSON.stringify(this.state()),
        linesAfter: (seq, last) => linesBetween(tables, seq, last),
        saveCursors: (cursors) => storeTold(tables, current(), cursors),
      },
      memory.told,
      this.#freshEvents(),
    );
  }

  get name(): string {
    return this.#memory.facts.opened?.room ?? '';
  }

  get memory(): RoomMemory {
    return this.#memory;
  }

  /** After opening or waking: what was under way goes on, and who is connected hears what they have not heard. */
  recover(): void {
    if (this.#memory.facts.opened === null) this.engine.submit({ run: tellOpened, failed: () => undefined });
    if (this.#memory.facts.closed) this.closeSockets();
    this.settling.recover();
    this.resetting.recover();
    const { presenter, participant } = this.#memory.told;
    if (Math.min(presenter, participant) < this.#memory.facts.seq) this.feed.changed();
  }

  /** Decides an op with the next commit; `answer` is called once the outcome is durable. */
  buy(request: OpRequest, origin: PendingOp['origin'], answer: (answer: OpAnswer) => void): void {
    this.engine.submit({
      run: (turn) => buy(turn, this.#buying, request, origin, answer),
      failed: (error) => {
        logLine('op_failed', { room: this.name, ...errorFields(error) });
        const message = 'The room could not store this. Nothing was bought; try again.';
        answer(nackOf(request, { code: 'STORAGE_UNAVAILABLE', message }));
      },
    });
  }

  /** Why a session may not act here; null when it may. */
  barred(sessionId: string): Refusal | null {
    if (!this.#memory.revoked.has(sessionId)) return null;
    return { code: 'UNAUTHORIZED', message: 'This session has logged out.' };
  }

  /** Something came in: it costs, and it may be more than can be answered. */
  handled(): void {
    this.costs.handled();
    this.lag.handled();
  }

  /** Looks who is there; stages hear of it when somebody has gone, or is back. */
  look(): void {
    const { parts, feed } = this;
    if (parts.presence.look(this.engine.steady(), feed, this.#pressure.behind)) feed.changedForStages();
  }

  /** The state as it stands, with the ledger that was told. */
  state(): RoomState {
    return roomState(this.#memory.facts, this.#live(toldLedger(this.#memory.facts)));
  }

  /** The state with the ledger's lines. */
  fullState() {
    return roomState(this.#memory.facts, this.#live(fullLedger(this.#memory)));
  }

  /** Everybody leaves: the show is over. */
  closeSockets(): void {
    this.feed.flush();
    this.points.flush();
    for (const member of [...this.parts.members.all()])
      closeMember(member, CLOSE.ended, 'the show has ended');
  }

  #closeTurn(turn: Turn): void {
    if (this.refusals.dueIn(turn)) this.refusals.tellIn(turn);
    watchThreshold(turn);
    this.points.follow(turn);
  }

  #turned(turn: Turn): void {
    if (turn.refused.length > 0) {
      this.costs.spent();
      this.refusals.follow(turn, this.engine);
    }
    if (turn.told.length === 0) return;
    this.audits.live.changed(turn.told);
    this.feed.changed();
    // A tick tells what everything before it cost; what the tick itself costs waits for the next thing that happens.
    if (turn.told.some(({ event }) => !OF_THE_TICK.has(event.kind))) this.costs.spent();
  }

  #reload(): void {
    const memory = loadMemory(this.parts.tables, this.parts.now());
    if (memory) this.#memory = memory;
  }

  #live<L extends LedgerTotals>(ledger: L): Live<L> {
    const people = this.parts.members.people();
    this.#memory.mostPhones = Math.max(this.#memory.mostPhones, people.phones);
    return {
      people,
      inFlight: inFlight(this.#memory, LANE_IDS),
      latency: this.#memory.latency,
      ledger,
      closesAt: this.#memory.closesAt,
      guesses: this.#memory.guesses.size,
    };
  }

  #freshEvents(): ChainedEvent[] {
    const { presenter, participant } = this.#memory.told;
    const lines = linesBetween(this.parts.tables, Math.min(presenter, participant), this.#memory.facts.seq);
    return lines.map((json) => ({ event: own<RoomEvent>(json), json }));
  }
}
