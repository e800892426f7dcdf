/** One room of a rehearsal: the room's core over tables, a lane and a clock that live in this browser's memory. */
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import type { Refusal } from '#lib/domain/codes.ts';
import { currentHold } from '#lib/domain/hold.ts';
import type { OpRequest } from '#lib/domain/op.ts';
import { noPressure } from '#lib/domain/pressure.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { allocate } from '#lib/room/allocate.ts';
import type { Answer } from '#lib/room/allocate.ts';
import type { Caller, Subscriber } from '#lib/room/connections.ts';
import { appendEnd } from '#lib/room/departure.ts';
import { FrontHalf } from '#lib/room/front-half.ts';
import { PING, PONG } from '#lib/protocol/plain-words.ts';
import { newMemory } from '#lib/room/memory.ts';
import type { Opening } from '#lib/room/memory.ts';
import type { SocketHost } from '#lib/room/messages.ts';
import { control, guardrail } from '#lib/room/presenting.ts';
import type { Change } from '#lib/room/presenting.ts';
import { RoomCore } from '#lib/room/room-core.ts';
import { safeLane } from '#lib/room/safe-lane.ts';
import type { Transaction } from '#lib/room/transaction.ts';
import type { Since } from '#lib/room/welcome.ts';
import { CrowdedConnections } from './crowded-connections.ts';
import { MemoryLane } from './memory-lane.ts';
import { MemoryTables } from './memory-tables.ts';
import { auditOf, exportOf, linesOf } from './proof.ts';
import type { Schedule } from './schedule.ts';
import { sha256Hex } from './sha256.ts';
import { Watch } from './watch.ts';

/** A call over HTTP, or a socket that comes in: the Worker, and the room that it asks. */
const CALL: MeterCounts = { 'worker.request': 1, 'do.request': 1 };

/** What a room of a rehearsal is opened with: when it ends is the rehearsal's to say, and nothing was spent on it. */
export type RehearsalOpening = Omit<Opening, 'closesAt' | 'spent'>;

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

/** A screen's end of a connection. */
export interface ScreenSocket {
  /** Sends one text frame. */
  hear(text: string): void;
  /** Ends the connection from the room's side. */
  hangUp(code: number, reason: string): void;
}

/** One room of a rehearsal, as its sockets and calls see it. */
export class Room {
  readonly core: RoomCore;
  readonly #host: RoomHost;
  readonly #tables = new MemoryTables();
  readonly #front: FrontHalf;
  readonly #lane: MemoryLane;

  /** @param reset asked when a presenter resets on a socket */
  constructor(opening: RehearsalOpening, host: RoomHost, reset: SocketHost['reset']) {
    this.#host = host;
    const { schedule } = host;
    const now = () => host.now();
    const { sku, config } = opening;
    const connections = new CrowdedConnections(() => host.shoppers());
    this.#front = new FrontHalf({ reset, sleeps: false }, `rehearsal-${host.seed}`, connections);
    this.#lane = new MemoryLane(sku.capacity, schedule, now, config.raceWindowMs);
    const memory = newMemory({ ...opening, simulated: true, closesAt: host.closesAt(), spent: {} }, now());
    this.core = new RoomCore(this.#ports(), memory, { auditor: (room) => new Watch(room, this.#lane) });
    this.core.open();
  }

  /** The log so far: the line of event `seq` at `seq − 1`. */
  get lines(): string[] {
    return linesOf(this.core);
  }

  /** A call over HTTP came in. */
  called(): void {
    this.core.handled(CALL);
  }

  /** Connects a screen; null when the show is over. */
  enter(caller: Caller, screen: ScreenSocket, resume: Since | null) {
    if (this.core.memory.facts.closed) {
      screen.hangUp(CLOSE.ended, 'the show has ended');
      return null;
    }
    this.called();
    const socket: Subscriber = {
      send: (text) => screen.hear(text),
      close: (code, reason) => {
        leave();
        screen.hangUp(code, reason);
      },
    };
    const leave = () => this.#front.left(socket, this.core);
    this.#front.enter(socket, caller, resume ?? { epoch: null, since: null }, this.core);
    const say = (text: string) => {
      if (text === PING) return screen.hear(PONG);
      this.core.handled({ 'do.messageIn': 1 });
      this.#front.hear(socket, text, this.core);
    };
    return { say, leave };
  }

  /** Decides an op of a simulated shopper; `answer` is called with the outcome, perhaps later. */
  buy(request: OpRequest, answer: Answer): void {
    this.core.handled({});
    allocate(this.core, request, 'call', answer);
  }

  /** Counts practice taps of simulated shoppers. False in a room that sells: there a tap buys. */
  practises(taps: number): boolean {
    const { memory, feed } = this.core;
    if (!currentHold(memory.facts.hold, this.#host.now())) return false;
    this.core.handled({});
    memory.practice += taps;
    feed.changedForStages();
    return true;
  }

  /** What a presenter's control changes. Says why nothing was changed, where a mode cannot be. */
  control(by: string, change: Change): Refusal | null {
    let refusal: Refusal | null = null;
    this.#do((tx) => {
      refusal = control(tx, by, change, this.core.ports.lanes);
    });
    return refusal;
  }

  /** Trips or clears the guardrail by hand. */
  guardrail(action: 'trip' | 'clear'): void {
    this.#do((tx) => guardrail(tx, action));
  }

  /** Resets once per key. Calls `done` with the new epoch. */
  reset(key: string, by: string, done: (epoch: number) => void): void {
    this.core.resetting.reset(
      key,
      by,
      (outcome) => {
        if (!outcome) throw new Error('What is in flight settles within the race window.');
        done(outcome.epoch);
      },
      raise,
    );
  }

  /** The show goes on until then, Unix milliseconds. */
  extend(closesAt: number): void {
    if (this.core.memory.facts.closed) return;
    this.core.memory.closesAt = closesAt;
    this.core.feed.changed();
  }

  /** Ends the show here: everybody hears so at once, and leaves when what was in flight has settled. */
  close(by: 'expiry' | 'presenter'): void {
    if (this.core.memory.facts.closed) return;
    this.#do((tx) => appendEnd(tx, this.core, by));
    this.core.departure.begin();
  }

  /** Recounts the room from its log, its state, and the rows of the table. */
  audit(): AuditResult {
    return auditOf(this.core, this.#lane);
  }

  /** The log as a file. Its header says that nothing in it happened to anybody. */
  exportLog(): string {
    return exportOf(this.core, this.#host.seed);
  }

  #do(run: (tx: Transaction) => void): void {
    this.core.commits.submit({ run, failed: raise });
  }

  #ports() {
    const { schedule } = this.#host;
    return {
      tables: this.#tables,
      durability: null,
      connections: this.#front.connections,
      lanes: new Map([safeLane, this.#lane].map((lane) => [lane.id, lane])),
      // One browser's worth of shoppers presses no room.
      load: { pressure: noPressure(), lag: { lateMs: () => 0, handled: noop, told: noop } },
      sha256: sha256Hex,
      now: () => this.#host.now(),
      after: (ms: number, work: () => void) => schedule.after(ms, work),
      ticked: noop,
      failed: (_what: string, error: unknown) => raise(error),
    };
  }
}

function noop(): void {}

/** What fails in a rehearsal is a bug. */
function raise(error: unknown): never {
  throw error;
}
