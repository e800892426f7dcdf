/**
 * The core of an open room: builds its parts, and calls their hooks in one stated order. Commands are decided and stored in
 * transactions (group commit), reconciliation takes the reports of lanes that answer later, the feed sends to both audiences.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { EpochEnd, HostParts, RoomContext, RoomPart, RoomPorts } from './context.ts';
import { CostTick } from './cost-tick.ts';
import { Departure } from './departure.ts';
import { Feed } from './feed.ts';
import { GroupCommit } from './group-commit.ts';
import { endGuess } from './guesses.ts';
import type { Connection } from './connections.ts';
import { loadMemory } from './memory.ts';
import { appendOpened, storeOpening } from './opening.ts';
import { Reconciliation } from './reconcile.ts';
import { Recoveries } from './recoveries.ts';
import { Resetting } from './resetting.ts';
import { fullStateOf, stateOf } from './state.ts';
import type { Transaction } from './transaction.ts';

/** An open room: its parts and their order. */
export class RoomCore implements RoomContext {
  readonly ports: RoomPorts;
  readonly commits: GroupCommit;
  readonly costs: CostTick;
  readonly reconciliation: Reconciliation;
  readonly resetting: Resetting;
  readonly recoveries: Recoveries;
  readonly departure: Departure;
  readonly feed: Feed;
  readonly #parts: readonly RoomPart[];
  #memory: RoomContext['memory'];

  constructor(ports: RoomPorts, memory: RoomContext['memory'], parts: HostParts = {}) {
    this.ports = ports;
    this.#memory = memory;
    this.commits = new GroupCommit(this);
    const metrics = parts.metrics?.(this) ?? null;
    this.costs = new CostTick(this, metrics);
    const auditor = parts.auditor?.(this, this.costs);
    this.reconciliation = new Reconciliation(this);
    this.resetting = new Resetting(this, this.reconciliation);
    this.recoveries = new Recoveries(this);
    this.departure = new Departure(this, this.costs);
    this.feed = new Feed(this);
    this.#parts = [
      // The guess before the cost tick: closing it costs, and the last ledger includes that.
      { epochEnds: endGuess },
      this.costs,
      ...(metrics ? [metrics] : []),
      // Reconciliation looks up what was in flight when the room died, before a reset waits for it.
      this.reconciliation,
      this.resetting,
      ...(auditor ? [auditor] : []),
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

  /** A new room: what it is opened with is stored, and its first event follows. */
  open(): void {
    storeOpening(this.ports.tables, this.#memory, this.ports.now());
    this.recover();
  }

  /** After opening or waking: continues what was under way, and sends connected sockets what they missed. */
  recover(): void {
    if (this.#memory.facts.opened === null)
      this.commits.submit({
        run: (tx) => appendOpened(tx, this.ports.lanes),
        failed: () => undefined,
      });
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

  /** A message or call came in, and cost `spent`: the room was awake, the cost tick and the load hear of it. */
  handled(spent: MeterCounts): void {
    const { meters } = this.#memory;
    meters.active(this.commits.steady());
    meters.add(spent);
    this.costs.handled();
    this.ports.load.lag.handled();
  }

  /** Somebody came or went: stages show it, and it is metered. */
  peopleMoved(): void {
    this.feed.changedForStages();
    this.costs.spent();
  }

  /**
   * A session has logged out: whatever it asks is refused, and its sockets are closed. Once the show has ended they stay, because
   * with the end its presenter's session ends as well, and its screens still hear how it ended.
   */
  signOut(sessionId: string): void {
    this.#memory.revoked.add(sessionId);
    if (!this.#memory.facts.closed) this.ports.connections.signOut(sessionId);
  }

  /** The current state, with the newest ledger that was told. */
  state() {
    return stateOf(this.#memory, this.ports.connections, this.ports.now());
  }

  /** The state with the ledger's lines. */
  fullState() {
    return fullStateOf(this.#memory, this.ports.connections, this.ports.now());
  }

  reload(): void {
    const memory = loadMemory(this.ports.tables, this.ports.now());
    if (memory) this.#memory = memory;
  }

  failed(error: unknown, what = 'room_failed'): void {
    this.ports.failed(what, error);
  }
}
