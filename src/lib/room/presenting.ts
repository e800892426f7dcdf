/**
 * What a presenter does to a room: mode, step, hold, distance, guardrail. Each is one event, told by label. A show can end between their
 * word and its transaction: nothing is done to one that has.
 */
import { idsIn, modeRefusal } from '#lib/domain/by-lane.ts';
import type { Refusal } from '#lib/domain/codes.ts';
import { COUNTDOWN_MS } from '#lib/domain/hold.ts';
import { usdFromPico } from '#lib/domain/money.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import { roomAccount, watchThreshold } from './account.ts';
import type { Lane } from './lane.ts';
import type { Transaction } from './transaction.ts';

/** What a presenter's control may change. */
export interface Change {
  mode?: Mode | undefined;
  step?: number | undefined;
  hold?: true | undefined;
  go?: true | undefined;
  /** Of one lane, milliseconds. */
  distance?: { lane: LaneId; ms: number } | undefined;
}

/**
 * Sets mode, step or the distance of a lane, holds the room, gives the GO. What is so already makes no event: of two presenters
 * who give the GO at the same moment, one does. Changes nothing and says why where the show lacks the mode, or the lane cannot
 * be so far away.
 */
export function control(
  tx: Transaction,
  by: string,
  change: Change,
  bound: ReadonlyMap<LaneId, Lane>,
): Refusal | null {
  const { facts } = tx.memory;
  if (facts.closed) return null;
  const { distance } = change;
  const refusal =
    (change.mode && modeRefusal(change.mode, idsIn(facts.lanes))) ||
    (distance && distanceRefusal(distance, idsIn(facts.lanes), bound));
  if (refusal) return refusal;
  if (change.mode !== undefined && change.mode !== facts.mode) {
    tx.append({ kind: 'mode', body: { mode: change.mode, by } });
  }
  if (change.step !== undefined && change.step !== facts.step) {
    tx.append({ kind: 'step', body: { step: change.step, by } });
  }
  if (change.hold && facts.hold?.goAtMs !== null) {
    tx.append({ kind: 'held', body: { by } });
    tx.memory.practice = 0;
  }
  if (change.go && facts.hold?.goAtMs === null) {
    tx.append({ kind: 'go', body: { by, goAtMs: tx.nowMs + COUNTDOWN_MS } });
  }
  if (distance && distance.ms !== (facts.distances[distance.lane] ?? 0)) {
    tx.append({ kind: 'distance', body: { ...distance, by } });
  }
  return null;
}

/** Why a lane cannot be so far away; null when it can. */
function distanceRefusal(
  { lane: id, ms }: NonNullable<Change['distance']>,
  lanes: readonly LaneId[],
  bound: ReadonlyMap<LaneId, Lane>,
): Refusal | null {
  const refused = (why: string): Refusal => ({
    code: 'INVALID_REQUEST',
    message: `distance: ${why}. Nothing was changed.`,
  });
  if (!lanes.includes(id)) return refused(`this show has the lanes ${lanes.join(', ')}`);
  const lane = bound.get(id);
  const distances = (lane?.answers === 'later' && lane.distances) || NOT_AWAY;
  return distances.includes(ms)
    ? null
    : refused(`here the ${id} lane can be ${distances.join(', ')} ms away`);
}

/** Distances of a lane that cannot be set to any. */
const NOT_AWAY: readonly number[] = [0];

/**
 * Trips or clears the guardrail by hand. Nothing happens when it is in that state already, or when the threshold trips it first
 * because the cost has reached it since the last commit.
 */
export function guardrail(tx: Transaction, action: 'trip' | 'clear'): void {
  if (tx.memory.facts.closed) return;
  const tripped = action === 'trip';
  if (tripped) watchThreshold(tx);
  if (tx.memory.facts.guardrail.tripped === tripped) return;
  const virtualUsd = usdFromPico(roomAccount(tx.memory).virtual);
  tx.append({
    kind: 'guardrail',
    body: { state: tripped ? 'tripped' : 'cleared', by: 'presenter', virtualUsd },
  });
}
