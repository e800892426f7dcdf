/**
 * The core of an open room: builds its parts, and calls their hooks in one stated order. Commands are decided and stored in
 * transactions (group commit), reconciliation takes the reports of lanes that answer later, the feed sends to both audiences.
 */
import { errorFields, logLine } from '../log.ts';
import { Audits } from './audits.ts';
import { CallLimits } from './call-limits.ts';
import type { EpochEnd, RoomContext, RoomPart, RoomPorts } from './context.ts';
import { CostTick } from './cost-tick.ts';
import { Departure } from './departure.ts';
import { Feed } from './feed.ts';
import { GroupCommit } from './group-commit.ts';
import { endGuess } from './guesses.ts';
import { Load } from './load.ts';
import type { Connection } from './connections.ts';
import { loadMemory } from './memory.ts';
import { Metrics } from './metrics.ts';
import { appendOpened } from './opening.ts';
import { Reconciliation } from './reconcile.ts';
import { Recoveries } from './recoveries.ts';
import { Resetting } from './resetting.ts';
import { fullStateOf, stateOf } from './state.ts';
import { Summary } from './summary.ts';
import type { Transaction } from './transaction.ts';

/** An open room: its parts and their order. */
export class RoomCore implements RoomContext {
  readonly ports: RoomPorts;
  readonly commits: GroupCommit;
  readonly load: Load;
  readonly costs: CostTick;
  readonly reconciliation: Reconciliation;
  readonly resetting: Resetting;
  readonly recoveries: Recoveries;
  readonly audits: Audits;
  readonly departure: Departure;
  readonly summary: Summary;
  readonly feed: Feed;
  readonly calls = new CallLimits();
  readonly #parts: readonly RoomPart[];
  #memory: RoomContext['memory'];

  constructor(ports: RoomPorts, memory: RoomContext['memory']) {
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
    this.departure = new Departure(this, this.costs);
    this.summary = new Summary(this);
    this.feed = new Feed(this, this.load.pressure);
    this.#parts = [
      // The guess before the cost tick: closing it costs, and the last ledger includes that.
      { epochEnds: endGuess },
      this.costs,
      metrics,
      // Reconciliation looks up what was in flight when the room died, before a reset waits for it.
      this.reconciliation,
      this.resetting,
      this.audits.live,
      // Behind the costs: its last words include what they count of the same transaction.
      this.departure,
      // The feed last: it foresees the cursors for the newest event, and a frame shows what all other parts did.
      this.feed,
    ];
  }

  get name(): string {
    return this.#memory.facts.opened?.room ?? '';
  }

  get memory(): RoomContext['memory'] {
    return this.#memory;
  }

  // ── the moments of a room's life ────────────────────────────────────────────────────────────────────────────────

  /** After opening or waking: continues what was under way, and sends connected sockets what they missed. */
  recover(): void {
    if (this.#memory.facts.opened === null)
      this.commits.submit({ run: appendOpened, failed: () => undefined });
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

  /** A client was welcomed; `isBack` if it was connected before. */
  greeted(connection: Connection, isBack: boolean): void {
    for (const part of this.#parts) part.greeted?.(connection, isBack);
    this.peopleMoved();
  }

  // ── what is asked of it ─────────────────────────────────────────────────────────────────────────────────────────

  /** A message or call came in: counts for the cost tick and for the load. */
  handled(): void {
    this.costs.handled();
    this.load.lag.handled();
  }

  /** Somebody came or went: stages show it, and it is metered. */
  peopleMoved(): void {
    this.feed.changedForStages();
    this.costs.spent();
  }

  /** Updates presence; stages are told when the number of people has changed. */
  look(): void {
    const { presence } = this.ports;
    if (presence.look(this.commits.steady(), this.feed, this.load.pressure.behind))
      this.feed.changedForStages();
  }

  /** The current state, with the newest ledger that was told. */
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
