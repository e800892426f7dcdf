/** What an engine is to a lane's object: its rows, the lane's strategy, and whether it answers. */
import type { LaneId } from '#lib/domain/lane.ts';
import type { Buy } from '../lanes/carry-out.ts';
import type { EngineRows, OrdersKey } from '../lanes/engine-rows.ts';
import type { ConnectedEngine, EnginesConfig } from './engine-config.ts';

/** An engine as one lane uses it, at one distance. Its connections are made when they are needed, and closed when they are not. */
export interface EngineClient {
  readonly rows: EngineRows;
  /**
   * The lane's strategy.
   * @param pauseMs the race window, for strategies that leave what they read alone before they write
   */
  buy(pauseMs: number): Buy;
  /** Deletes everything of a room's lane, shelves and order rows of all epochs. Idempotent. */
  forget(key: OrdersKey): Promise<void>;
  /** Makes what the engine misses to keep a lane's rows, its tables say, where this is its own affair. Idempotent. */
  prepare?(): Promise<void>;
  /** Asks for something that changes nothing. Rejects with why the engine does not serve the lane. */
  ping(): Promise<void>;
  /** Why the engine failed, in words for people, with no secret in them; null for what says nothing of it. */
  problemOf(error: unknown): string | null;
}

/** Which lane, how far away. */
export interface LaneAt {
  lane: LaneId;
  /** Round trip on the wire, milliseconds. */
  distanceMs: number;
}

/** Makes the client of an engine. Nothing is sent yet. */
export type Connect<E extends ConnectedEngine> = (
  config: NonNullable<EnginesConfig[E]>,
  at: LaneAt,
) => EngineClient;
