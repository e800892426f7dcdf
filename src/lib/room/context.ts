/**
 * Interfaces between a room and its parts. A part sees its room as a {@link RoomContext}, and implements hooks of
 * {@link RoomPart}, which the room calls in one stated order. No part imports the room.
 */
import type { LaneId } from '#lib/domain/lane.ts';
import type { Sha256Hex } from '#lib/domain/log.ts';
import type { Pressure } from '#lib/domain/pressure.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Lane } from './lane.ts';
import type { Durability, GroupCommit } from './group-commit.ts';
import type { Connection, Connections } from './connections.ts';
import type { RoomMemory } from './memory.ts';
import type { Tables } from './tables.ts';
import type { Transaction } from './transaction.ts';

/** Cancels a timer; no effect once it has run. */
export type Cancel = () => void;

/** How late a room is, and its overload control. */
export interface Load {
  readonly pressure: Pressure;
  readonly lag: {
    /** By how much the room is late now, milliseconds. */
    lateMs(): number;
    /** A message or call came in. */
    handled(): void;
    /** A phone reported a round trip of a lane that answers at once, milliseconds. */
    told(tripMs: number): void;
  };
}

/** What a room needs of its host. */
export interface RoomPorts {
  readonly tables: Tables;
  /** Null where whatever is stored is durable at once: then a transaction ends in the call that submits it. */
  readonly durability: Durability | null;
  readonly lanes: ReadonlyMap<LaneId, Lane>;
  readonly connections: Connections;
  readonly load: Load;
  readonly sha256: Sha256Hex;
  /** Unix milliseconds of the wall clock, which may be set; durations use the steady clock of the commits. */
  now(): number;
  /** Runs something after so many milliseconds, unless it is cancelled. */
  after(ms: number, work: () => void): Cancel;
  /** Called about once a second while something happens. */
  ticked(): void;
  /** Takes an error that nobody waits for. `what` names it for whoever reads a log. */
  failed(what: string, error: unknown): void;
}

/** A room as its parts see it. */
export interface RoomContext {
  readonly name: string;
  readonly ports: RoomPorts;
  /** The memory; replaced as a whole when a transaction could not be stored, so never keep a reference. */
  readonly memory: RoomMemory;
  readonly commits: GroupCommit;
  readonly feed: {
    changed(): void;
    changedForStages(): void;
    flush(): void;
    /** The `seq` up to which a socket has been sent. */
    toldTo(connection: Connection): number;
  };
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

/** Writes what a room does where a host watches it. */
export interface Metrics extends RoomPart {
  /** Writes what was gathered. */
  flush(): void;
}

/** Parts that are the host's own. */
export interface HostParts {
  metrics?(room: RoomContext): Metrics;
  /** Recounts the room while it is watched. `costs` stores what that costs. */
  auditor?(room: RoomContext, costs: Costs): RoomPart;
}

/** The cost tick as other parts use it. */
export interface Costs {
  /** True when a tick is due, which stores whatever is metered until then. */
  readonly isComing: boolean;
  /** Something came in: its cost is stored within a second. */
  handled(): void;
}
