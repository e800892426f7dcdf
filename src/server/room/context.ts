/** What the object gives to a room that is open in it, and what the parts of a room see of it: no part imports the room. */
import type { LaneId } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Lane } from '../lanes/lane.ts';
import type { RoomTables } from '../storage/room-tables.ts';
import type { Engine } from './engine.ts';
import type { Members } from './members.ts';
import type { RoomMemory } from './memory.ts';
import type { Presence } from './presence.ts';

/** What an open room is made of. */
export interface RoomParts {
  readonly tables: RoomTables;
  readonly lanes: ReadonlyMap<LaneId, Lane>;
  readonly members: Members;
  readonly presence: Presence;
  readonly telemetry: AnalyticsEngineDataset;
  now(): number;
  /** Called about once a second while something happens. */
  ticked(): void;
}

/** A room as its parts see it. */
export interface RoomContext {
  readonly name: string;
  readonly parts: RoomParts;
  /** Replaced as a whole when a turn could not be stored: to be read anew each time. */
  readonly memory: RoomMemory;
  readonly engine: Engine;
  readonly feed: { changed(): void; changedForStages(): void };
  readonly costs: { readonly isComing: boolean; spent(): void; handled(): void };
  readonly lag: { told(tripMs: number): void };
  /** The state as it stands, with the ledger that was told. */
  state(): RoomState;
}
