/**
 * How the parts of a room hang together. A part sees its room as a {@link RoomContext}, and says as a {@link RoomPart} what it
 * does at the moments of a room's life; the room calls its parts in one stated order. No part imports the room.
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

/** Calls something off that was to be done later; nothing once it is done. */
export type Cancel = () => void;

/** What whoever hosts a room gives to it. */
export interface RoomPorts {
  readonly tables: RoomTables;
  readonly lanes: ReadonlyMap<LaneId, Lane>;
  readonly connections: Connections;
  readonly presence: Presence;
  readonly telemetry: AnalyticsEngineDataset;
  readonly sha256: Sha256Hex;
  /** Unix milliseconds by the clock of the wall, which is set while the room runs: durations go by that of the commits. */
  now(): number;
  /** Does something later, in so many milliseconds, unless it is called off. */
  after(ms: number, work: () => void): Cancel;
  /** Called about once a second while something happens. */
  ticked(): void;
}

/** A room as its parts see it. */
export interface RoomContext {
  readonly name: string;
  readonly ports: RoomPorts;
  /** Replaced as a whole when a transaction could not be stored: to be read anew each time. */
  readonly memory: RoomMemory;
  readonly commits: GroupCommit;
  readonly feed: { changed(): void; changedForStages(): void };
  /** The state as it stands, with the ledger that was told. */
  state(): RoomState;
  /** Has every part tell, in this transaction, what waits to be told of an epoch: see {@link RoomPart.epochEnds}. */
  endEpoch(tx: Transaction, by: EpochEnd): void;
  /** Logs what nobody waits for. `what` is the name of the line: `room_failed` unless given. */
  failed(error: unknown, what?: string): void;
}

/** How an epoch ends: the next one follows, or the show is over. */
export type EpochEnd = 'reset' | 'end';

/** What a part of a room does at the moments of the room's life. None of it waits for anything. */
export interface RoomPart {
  /** The room was opened, or woke: what was under way goes on. */
  wakes?(): void;
  /** The last word in a transaction that changes something, before it is stored. What throws here undoes all of it. */
  closes?(tx: Transaction): void;
  /** A reset or the end of the show is told next in this transaction: before it, whatever waits to be told of the epoch. */
  epochEnds?(tx: Transaction, by: EpochEnd): void;
  /** The transaction is stored, and nobody has been told yet: whatever is sent from here on must know its events. */
  stored?(tx: Transaction): void;
  /** Durable, and whoever asked was answered: everybody else may hear. Also called for transactions that only refused. */
  told?(tx: Transaction): void;
  /** Somebody was welcomed; `isBack` when they were here before. */
  greeted?(connection: Connection, isBack: boolean): void;
  /** The show is over, and everybody is about to leave. */
  ended?(): void;
}
