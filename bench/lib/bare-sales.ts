/** What a bare client of an engine is asked: bench/bare/engine-sales.ts answers. */
import type { LaneId } from '#lib/domain/lane.ts';

/** So many buyers at once, each one after the other, for so long; `pauseMs` is the race window of careless lanes. */
export interface BareRun {
  buyers: number;
  seconds: number;
  pauseMs: number;
}

/** Sales a second of a lane, by the same statements without room, log or socket. `vars` are the Worker's variables of its engine. */
export type BareSales = (vars: ReadonlyMap<string, string>, lane: LaneId, run: BareRun) => Promise<number>;
