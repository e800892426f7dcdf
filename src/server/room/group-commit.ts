/**
 * Group commit. An idle room commits at once; a busy one gathers what arrives while the previous commit is becoming durable,
 * and a few milliseconds longer when commits come thick and fast, and commits all of it as one transaction.
 */
import type { Sha256Hex } from '#lib/domain/log.ts';
import { steadyClock } from '../clock.ts';
import type { RoomTables } from '../storage/room-tables.ts';
import { Transaction } from './transaction.ts';
import type { RoomMemory } from './memory.ts';

/** Commits that a room makes without a pause, and then one in so many milliseconds: each is billed by the row. */
const COMMITS_AT_ONCE = 4;
const COMMIT_EVERY_MS = 10;
/**
 * While messages come without a pause, what waits for a commit or a timer does not get its turn. Then what came longest ago
 * waits at most so long, milliseconds, and is committed with the message that comes next: the more at once, the cheaper.
 */
const GATHERED_AT_MOST_MS = 50;
/**
 * Our own continuation after a commit runs before the platform sends the answers that it held back. For a few people that
 * is some percent of what they wait for, so the frames stand back for a moment; for a crowd it would be time lost.
 */
const FEW_TASKS = 4;
const STAND_BACK_MS = 1;

/** One thing to decide in a transaction. */
export interface Task {
  /** Decides on memory. Synchronous by type: nothing can interleave. */
  run(tx: Transaction): undefined | void;
  /** The transaction could not be stored, or the task is broken: nothing of it happened. */
  failed(error: unknown): void;
}

/** What group commit works on and reports to. */
export interface GroupCommitHost {
  readonly ports: { readonly tables: RoomTables; readonly sha256: Sha256Hex; now(): number };
  readonly memory: RoomMemory;
  /** Rebuilds memory from the tables, after a transaction that could not be stored. */
  reload(): void;
  /** Before a transaction that changes something is stored. */
  closes(tx: Transaction): void;
  /** Once it is stored. */
  stored(tx: Transaction): void;
  /** After every transaction, once it is durable and those who asked have been answered. */
  told(tx: Transaction): void;
  failed(error: unknown): void;
}

/** See the module's comment. */
export class GroupCommit {
  /** The room's time for durations: whatever waits, waits by this. */
  readonly steady: () => number;
  readonly #host: GroupCommitHost;
  #queue: Task[] = [];
  #queuedSinceMs = 0;
  /** Transactions that were committed while another one was becoming durable. */
  #untold: Transaction[] = [];
  #committing = false;
  /** When a commit may follow without a pause, by the clock of a bucket that holds a few of them. */
  #earliestMs = 0;

  constructor(host: GroupCommitHost) {
    this.#host = host;
    this.steady = steadyClock(() => host.ports.now());
  }

  /** Decides a task: now when nothing is being committed, else with the next commit. Not to be called in a transaction. */
  submit(task: Task): void {
    const nowMs = this.steady();
    if (this.#queue.length === 0) this.#queuedSinceMs = nowMs;
    this.#queue.push(task);
    if (!this.#committing) void this.#drain();
    else if (nowMs - this.#queuedSinceMs >= GATHERED_AT_MOST_MS) this.#untold.push(...this.#commitQueue());
  }

  /** Like {@link submit}, for callers that wait: resolves with what the task returns, once it is stored. */
  ask<T>(run: (tx: Transaction) => T extends Promise<unknown> ? never : T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.submit({
        run: (tx) => {
          const result: T = run(tx);
          tx.after(() => resolve(result));
        },
        failed: reject,
      });
    });
  }

  async #drain(): Promise<void> {
    this.#committing = true;
    try {
      while (this.#queue.length > 0 || this.#untold.length > 0) {
        const few = this.#untold.length === 0 && this.#queue.length <= FEW_TASKS;
        const transactions = [...this.#untold.splice(0), ...this.#commitQueue()];
        const changes = transactions.some((tx) => tx.changes);
        if (changes) await this.#host.ports.tables.durable();
        if (changes && few) await scheduler.wait(STAND_BACK_MS);
        for (const tx of transactions) this.#tell(tx);
        if (changes) await this.#rest();
      }
    } finally {
      this.#committing = false;
    }
  }

  /**
   * A lone tap is committed at once, and so are a few that follow each other; a crowd's are gathered for some milliseconds
   * more than the commit takes, so that what it costs to store does not grow with taps.
   */
  async #rest(): Promise<void> {
    const nowMs = this.steady();
    this.#earliestMs =
      Math.max(this.#earliestMs, nowMs - COMMITS_AT_ONCE * COMMIT_EVERY_MS) + COMMIT_EVERY_MS;
    if (this.#earliestMs > nowMs) await scheduler.wait(this.#earliestMs - nowMs);
  }

  /** Commits what is queued, if there is something. */
  #commitQueue(): Transaction[] {
    const tasks = this.#queue;
    this.#queue = [];
    return tasks.length > 0 ? this.#commit(tasks) : [];
  }

  /**
   * Decides and stores; returns the transactions, of which everybody is still to be told. Whoever asked is answered here: the
   * platform holds the answer back until the commit is durable, and sends it sooner than we could. What goes to many is
   * sent after that: each message that is held back costs half as much again.
   */
  #commit(tasks: Task[]): Transaction[] {
    const { memory, ports } = this.#host;
    const tx = new Transaction(memory, ports.now(), this.steady(), ports.sha256);
    try {
      for (const task of tasks) task.run(tx);
      if (tx.changes) {
        this.#host.closes(tx);
        tx.persist(ports.tables);
      }
    } catch (error) {
      this.#host.reload();
      return this.#commitOneByOne(tasks, error);
    }
    if (tx.changes) this.#host.stored(tx);
    tx.finish((error) => this.#host.failed(error));
    return [tx];
  }

  /** The transaction stands, whatever happens to those who are told: a failure here is a bug, and must not stop the next one. */
  #tell(tx: Transaction): void {
    try {
      this.#host.told(tx);
    } catch (error) {
      this.#host.failed(error);
    }
  }

  /** One task that cannot be stored must not take the others down with it. */
  #commitOneByOne(tasks: Task[], error: unknown): Transaction[] {
    const [only] = tasks;
    if (tasks.length > 1) return tasks.flatMap((task) => this.#commit([task]));
    only?.failed(error);
    return [];
  }
}
