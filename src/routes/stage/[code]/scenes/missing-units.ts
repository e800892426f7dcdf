/** What is missing from the counter of a race's lane, in the epoch of that race. */
import type { Round } from '#lib/client/history.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { Race } from '#lib/domain/race.ts';
import type { RoomState } from '#lib/domain/room-state.ts';

/** Units that are missing, and the ops under way there: none in an epoch that a reset has ended. */
export function missingOf(
  { epoch, lane }: Pick<Race, 'epoch' | 'lane'>,
  view: RoomState,
  rounds: readonly Round[],
): [lostUnits: number, inFlight: number] {
  if (epoch === view.epoch) {
    const { lostUnits, inFlight } = ofLane(view.lanes, lane);
    return [lostUnits, inFlight];
  }
  const round = rounds.find((each) => each.epoch === epoch);
  const { acknowledged, stored } = round ? ofLane(round.lanes, lane) : { acknowledged: 0, stored: 0 };
  return [acknowledged - stored, 0];
}
