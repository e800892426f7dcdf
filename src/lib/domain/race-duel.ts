/**
 * A duel: the two writes of one lost update, and the counter before and after. It is what pictures show, and what the owner of
 * the lost op is told.
 */
import { writeBy } from './facts.ts';
import type { LaneFacts } from './facts.ts';
import type { Race, RaceSide, WriteEffect } from './race.ts';

/** The two writes of one lost update, and the stored counter before them, in units. */
export interface Duel {
  erased: RaceSide;
  by: RaceSide;
  storedBefore: number;
}

/**
 * A duel as it is told: `backBy` is the label of the write that restored the op, empty where it is not known, null while the op
 * is lost; `effect` is all that the erasing write did, null where only this one op is known of.
 */
export interface ToldDuel extends Duel {
  backBy: string | null;
  effect: WriteEffect | null;
}

/** What a phone knows of one of its tickets on the eventual lane. */
export interface TicketStory {
  fate: 'confirmed' | 'lost' | 'restored';
  /** Their own label. */
  label: string;
  units: number;
  /** How many orders have one of the same unit numbers, this one included. */
  holders: number;
  /** Labels of the erasing and the restoring write, and the duel; null where the phone was not told. */
  by: string | null;
  backBy: string | null;
  duel: Duel | null;
}

/** The duel of a race: that of its pictured op. */
export function duelOf(race: Race): ToldDuel | null {
  const erased = race.racers.find(({ op }) => op === race.erased);
  const by = race.racers.find(({ op }) => op === race.by);
  const isOf = (kind: string) => (fate: Race['fates'][number]) =>
    fate.kind === kind && fate.op === race.erased;
  const lost = race.fates.filter(isOf('lost')).find(({ version }) => version === by?.version);
  if (!erased || !by || !lost) return null;
  const back = race.fates.filter(isOf('restored')).find(({ version }) => version > lost.version);
  return { erased, by, storedBefore: lost.storedBefore, backBy: back?.byWho ?? null, effect: race.effect };
}

/** The duel in which the write of op `by` erased op `op`; null when one of the two is no write of this lane. */
export function duelOfFacts(lane: LaneFacts, op: string, by: string): Duel | null {
  const erased = sideOf(lane, op);
  const eraser = sideOf(lane, by);
  if (!erased || !eraser) return null;
  const before = lane.lineage.writes[eraser.version - 2];
  return { erased, by: eraser, storedBefore: before?.wroteAllocated ?? 0 };
}

/** What both read; null unless both read the same version. */
export function bothRead({ erased, by }: Duel): number | null {
  return erased.parentVersion === by.parentVersion ? by.readAllocated : null;
}

function sideOf(lane: LaneFacts, op: string): RaceSide | null {
  const write = writeBy(lane, op);
  if (!write) return null;
  const { op: _op, ...side } = write;
  return { ...side, ...(lane.byOp.get(op)?.sim ? { sim: true } : {}) };
}
