/**
 * The core of an open room: its parts put together, and the moments at which they are called. Commands come in, they are
 * decided and stored in transactions (group commit), reconciliation hears the lanes that answer later, the feed tells both audiences.
 */
import { errorFields, logLine } from '../log.ts';
import { Audits } from './audits.ts';
import { CallLimits } from './call-limits.ts';
import type { EpochEnd, RoomContext, RoomPart, RoomPorts } from './context.ts';
import { CostTick } from './cost-tick.ts';
import { Feed } from './feed.ts';
import { GroupCommit } from './group-commit.ts';
import { endGuess } from './guesses.ts';
import { Load } from './load.ts';
import type { Connection } from './connections.ts';
import { loadMemory } from './memory.ts';
import type { RoomMemory } from './memory.ts';
import { Metrics } from './metrics.ts';
import { appendOpened } from './opening.ts';
import { Reconciliation } from './reconcile.ts';
import { Recoveries } from './recoveries.ts';
import { Resetting } from './resetting.ts';
import { fullStateOf, stateOf } from './state.ts';
import { Summary } from './summary.ts';
import type { Transaction } from './transaction.ts';

/** See the module's comment. */
export class RoomCore implements RoomContext {
  readonly ports: RoomPorts;
  readonly commits: GroupCommit;
  readonly load: Load;
  readonly costs: CostTick;
  readonly reconciliation: Reconciliation;
  readonly resetting: Resetting;
  readonly recoveries: Recoveries;
  readonly audits: Audits;
  readonly summary: Summary;
  readonly feed: Feed;
  readonly calls = new CallLimits();
  readonly #parts: readonly RoomPart[];
  #memory: RoomMemory;

  constructor(ports: RoomPorts, memory: RoomMemory) {
    this.ports = ports;
    this.#memory = memory;
    this.commits = new GroupCommit(this);
    this.load = new Load(ports);
    const metrics = new Metrics(this);
    this.costs = new CostTick(this, metrics);
    this.reconciliation = new Reconciliation(this);
    this.resetting = new Resetting(this, this.reconciliation);
    this.recoveries = new Recoveries(this);
    this.audits = new Audits(this, this.costs);
    this.summary = new Summary(this);
    this.feed = new Feed(this, this.load.pressure);
    this.#parts = [
      // A guess that an epoch ends with is told before the cost, which is that of telling it as well.
      { epochEnds: endGuess },
      this.costs,
      metrics,
      // What was in flight when the room died is looked up before a reset waits for it.
      this.reconciliation,
      this.resetting,
      this.audits.live,
      // Last: it foresees who will have heard the newest event of a transaction, and a frame shows what all the others did.
      this.feed,
    ];
  }

  get name(): string {
    return this.#memory.facts.opened?.room ?? '';
  }

  get memory(): RoomMemory {
    return this.#memory;
  }

  // ── the moments of a room's life ────────────────────────────────────────────────────────────────────────────────

  /** After opening or waking: what was under way goes on, and who is connected hears what they have not heard. */
  recover(): void {
    if (this.#memory.facts.opened === null)
      this.commits.submit({ run: appendOpened, failed: () => undefined });
    if (this.#memory.facts.closed) this.closeSockets();
    for (const part of this.#parts) part.wakes?.();
  }

  closes(tx: Transaction): void {
    for (const part of this.#parts) part.closes?.(tx);
  }

  endEpoch(tx: Transaction, by: EpochEnd): void {
    for (const part of this.#parts) part.epochEnds?.(tx, by);
  }

  stored(tx: Transaction): void {
    for (const part of this.#parts) part.stored?.(tx);
  }

  told(tx: Transaction): void {
    for (const part of this.#parts) part.told?.(tx);
  }

  /** Somebody was welcomed; `isBack` when they were here before. */
  greeted(connection: Connection, isBack: boolean): void {
    for (const part of this.#parts) part.greeted?.(connection, isBack);
    this.peopleMoved();
  }

  /** The show is over: everybody hears the last of it, and leaves. */
  closeSockets(): void {
    for (const part of this.#parts) part.ended?.();
    this.ports.connections.endAll();
  }

  // ── what is asked of it ─────────────────────────────────────────────────────────────────────────────────────────

  /** Something came in: it costs, and it may be more than can be answered. */
  handled(): void {
    this.costs.handled();
    this.load.lag.handled();
  }

  /** Somebody came or went: stages show it, and it costs. */
  peopleMoved(): void {
    this.feed.changedForStages();
    this.costs.spent();
  }

  /** Looks who is there; stages hear of it when somebody has gone, or is back. */
  look(): void {
    const { presence } = this.ports;
    if (presence.look(this.commits.steady(), this.feed, this.load.pressure.behind))
      this.feed.changedForStages();
  }

  /** The state as it stands, with the ledger that was told. */
  state() {
    return stateOf(this.#memory, this.ports.connections);
  }

  /** The state with the ledger's lines. */
  fullState() {
    return fullStateOf(this.#memory, this.ports.connections);
  }

  reload(): void {
    const memory = loadMemory(this.ports.tables, this.ports.now());
    if (memory) this.#memory = memory;
  }

  failed(error: unknown, what = 'room_failed'): void {
    logLine(what, { room: this.name, ...errorFields(error) });
  }
}
