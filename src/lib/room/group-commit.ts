/**
 * Group commit. An idle room commits at once. A busy one gathers what arrives while the previous commit becomes durable, and some
 * milliseconds longer when commits follow each other closely, and commits all of it as one transaction.
 */
import type { Sha256Hex } from '#lib/domain/log.ts';
import { steadyClock } from './steady-clock.ts';
import type { Tables } from './tables.ts';
import { Transaction } from './transaction.ts';
import type { RoomMemory } from './memory.ts';

/** Commits without a pause, and then at most one in this many milliseconds, because rows are billed. */
const COMMITS_AT_ONCE = 4;
const COMMIT_EVERY_MS = 10;
/**
 * Longest wait of a task, milliseconds. While messages arrive without a pause, neither the end of a commit nor a timer is
 * processed; the next message then commits what has waited this long.
 */
const GATHERED_AT_MOST_MS = 50;
/**
 * Up to this many tasks, frames are sent a moment after a commit: code that continues after it runs before the platform sends
 * the answers that it held back, and would delay them by some percent. For a crowd the pause would cost more than it saves.
 */
const FEW_TASKS = 4;
const STAND_BACK_MS = 1;

/** One thing to decide in a transaction. */
export interface Task {
  /** Decides on memory. Synchronous by type, so that nothing can interleave. */
  run(tx: Transaction): undefined | void;
  /** Called when the transaction could not be stored or the task threw: nothing of it happened. */
  failed(error: unknown): void;
}

/** How what is stored becomes durable: on a platform that holds answers back until then. */
export interface Durability {
  /** Resolves when everything stored so far is durable. */
  durable(): Promise<void>;
  /** Resolves after so many milliseconds. */
  wait(ms: number): Promise<void>;
}

/** What group commit works on and reports to. */
export interface GroupCommitHost {
  readonly ports: {
    readonly tables: Tables;
    readonly durability: Durability | null;
    readonly sha256: Sha256Hex;
    now(): number;
  };
  readonly memory: RoomMemory;
  /** Rebuilds memory from the tables after a transaction that could not be stored. */
  reload(): void;
  /** Before a transaction that changes something is stored. */
  closes(tx: Transaction): void;
  /** Once it is stored. */
  stored(tx: Transaction): void;
  /** After every transaction, once it is durable and those who asked have been answered. */
  told(tx: Transaction): void;
  failed(error: unknown): void;
}

/** Runs tasks as transactions: one for everything that arrived while the one before became durable. */
export class GroupCommit {
  /** The room's steady clock, for durations, milliseconds. */
  readonly steady: () => number;
  readonly #host: GroupCommitHost;
  #queue: Task[] = [];
  #queuedSinceMs = 0;
  /** Transactions that were committed while another one became durable. */
  #untold: Transaction[] = [];
  #committing = false;
  /** When the next commit may follow without a pause: a token bucket of a few commits. */
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
    if (!this.#committing) this.#begin();
    else if (nowMs - this.#queuedSinceMs >= GATHERED_AT_MOST_MS) this.#untold.push(...this.#commitQueue());
  }

  /** Like {@link submit}, and resolves with the task's result once it is stored. */
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

  #begin(): void {
    const { durability } = this.#host.ports;
    if (durability) void this.#drain(durability);
    else this.#drainAtOnce();
  }

  async #drain(durability: Durability): Promise<void> {
    this.#committing = true;
    try {
      while (this.#queue.length > 0 || this.#untold.length > 0) {
        const few = this.#untold.length === 0 && this.#queue.length <= FEW_TASKS;
        const transactions = [...this.#untold.splice(0), ...this.#commitQueue()];
        const changes = transactions.some((tx) => tx.changes);
        if (changes) await durability.durable();
        if (changes && few) await durability.wait(STAND_BACK_MS);
        for (const tx of transactions) this.#tell(tx);
        if (changes) await this.#rest(durability);
      }
    } finally {
      this.#committing = false;
    }
  }

  /** What is stored is durable: one transaction for each task, those that its effects submit included. */
  #drainAtOnce(): void {
    this.#committing = true;
    try {
      while (this.#queue.length > 0) for (const tx of this.#commitQueue()) this.#tell(tx);
    } finally {
      this.#committing = false;
    }
  }

  /**
   * Waits before the next commit: not at all for a few taps, some milliseconds longer than the commit takes for a crowd, so that
   * the cost of storing does not grow with taps.
   */
  async #rest(durability: Durability): Promise<void> {
    const nowMs = this.steady();
    this.#earliestMs =
      Math.max(this.#earliestMs, nowMs - COMMITS_AT_ONCE * COMMIT_EVERY_MS) + COMMIT_EVERY_MS;
    if (this.#earliestMs > nowMs) await durability.wait(this.#earliestMs - nowMs);
  }

  /** Commits what is queued, if there is something. */
  #commitQueue(): Transaction[] {
    const tasks = this.#queue;
    this.#queue = [];
    return tasks.length > 0 ? this.#commit(tasks) : [];
  }

  /**
   * Decides and stores; returns the transactions that others are still to be told of. Callers are answered here: the platform holds
   * answers back until the commit is durable, and releases them sooner than code that awaits it could send them. Frames are sent
   * after that, because each message that is held back costs half as much again.
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

  /** Tells of a transaction. It is stored already, so a failure here is a bug, and must not stop the next one. */
  #tell(tx: Transaction): void {
    try {
      this.#host.told(tx);
    } catch (error) {
      this.#host.failed(error);
    }
  }

  /** Commits each task by itself, so that one that cannot be stored fails alone. */
  #commitOneByOne(tasks: Task[], error: unknown): Transaction[] {
    const [only] = tasks;
    if (tasks.length > 1) return tasks.flatMap((task) => this.#commit([task]));
    only?.failed(error);
    return [];
  }
}
