/** What the object gives to a room that is open in it. */
import type { LaneId } from '#lib/domain/lane.ts';
import type { Lane } from '../lanes/lane.ts';
import type { RoomTables } from '../storage/room-tables.ts';
import type { Members } from './members.ts';
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
