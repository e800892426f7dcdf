/**
 * Interfaces between a room and its parts. A part sees its room as a {@link RoomContext}, and implements hooks of
 * {@link RoomPart}, which the room calls in one stated order. No part imports the room.
 */
import type { LaneId } from '#lib/domain/lane.ts';
import type { Sha256Hex } from '#lib/domain/log.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Lane } from '../lanes/lane.ts';
import type { RoomTables } from '../storage/room-tables.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Connection, Connections } from './connections.ts';
import type { RoomMemory } from './memory.ts';
import type { Presence } from './presence.ts';
import type { Transaction } from './transaction.ts';

/** Cancels a timer; no effect once it has run. */
export type Cancel = () => void;

/** What a room needs of its host. */
export interface RoomPorts {
  readonly tables: RoomTables;
  readonly lanes: ReadonlyMap<LaneId, Lane>;
  readonly connections: Connections;
  readonly presence: Presence;
  readonly telemetry: AnalyticsEngineDataset;
  readonly sha256: Sha256Hex;
  /** Unix milliseconds of the wall clock, which may be set; durations use the steady clock of the commits. */
  now(): number;
  /** Runs something after so many milliseconds, unless it is cancelled. */
  after(ms: number, work: () => void): Cancel;
  /** Called about once a second while something happens. */
  ticked(): void;
}

/** A room as its parts see it. */
export interface RoomContext {
  readonly name: string;
  readonly ports: RoomPorts;
  /** The memory; replaced as a whole when a transaction could not be stored, so never keep a reference. */
  readonly memory: RoomMemory;
  readonly commits: GroupCommit;
  readonly feed: { changed(): void; changedForStages(): void; flush(): void };
  /** The state as it stands, with the ledger that was told. */
  state(): RoomState;
  /** Calls {@link RoomPart.epochEnds} of every part. */
  endEpoch(tx: Transaction, by: EpochEnd): void;
  /** Logs an error that nobody waits for. `what` names the log line; `room_failed` by default. */
  failed(error: unknown, what?: string): void;
}

/** How an epoch ends: the next one follows, or the show is over. */
export type EpochEnd = 'reset' | 'end';

/** Hooks of a room's part. All are synchronous. */
export interface RoomPart {
  /** The room was opened or woke: continue what was under way. */
  wakes?(): void;
  /** Before a transaction with changes is stored; an error here undoes all of it. */
  closes?(tx: Transaction): void;
  /** Before the transaction tells a reset or the end: tell whatever waits to be told of the epoch. */
  epochEnds?(tx: Transaction, by: EpochEnd): void;
  /** The transaction is stored and nothing was sent yet: whatever is sent from now on has to include its events. */
  stored?(tx: Transaction): void;
  /**
   * The transaction is durable and its callers were answered: others may be told. Also after transactions that only
   * refused.
   */
  told?(tx: Transaction): void;
  /** Somebody was welcomed; `isBack` when they were here before. */
  greeted?(connection: Connection, isBack: boolean): void;
}
