/** Which scene the stage shows: one a step, but for what must be seen at once. */
import { lanesIn } from '#lib/domain/by-lane.ts';
import { ofLane, tappedLanes } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { STEPS } from '#lib/domain/script.ts';

/** A scene of the stage. `held` stands before the GO of a lane on which nothing was bought yet. */
export type Scene = 'recovery' | 'guess' | 'doors' | 'held' | 'sales' | 'money' | 'reset' | 'verdict';

/** What decides besides the room's state. */
export interface Occasion {
  ended: boolean;
  /** A drill is going on, or is still news. */
  isDrilled: boolean;
  /** The show has this room only: when nobody is in it, nobody is in at all. */
  isOnlyRoom: boolean;
}

/** The scenes of the steps that have one of their own, whatever was sold. */
const OF_STEP: Readonly<Record<number, Scene>> = { 4: 'money', 5: 'reset', [STEPS]: 'verdict' };

/** The scene for a room as it stands. */
export function sceneOf(view: RoomState, { ended, isDrilled, isOnlyRoom }: Occasion): Scene {
  if (isDrilled) return 'recovery';
  if (view.guess?.open && !ended) return 'guess';
  const ofStep = OF_STEP[view.step];
  if (ofStep) return ofStep;
  const isUntouched = lanesIn(view.lanes).every(([, { ops }]) => ops === 0);
  const isEmpty = view.step === 1 || (view.people.phones === 0 && isOnlyRoom);
  if (!ended && isUntouched && isEmpty) return 'doors';
  const isUnsold = tappedLanes(view).every((id) => {
    const { acknowledged, inFlight } = ofLane(view.lanes, id);
    return acknowledged + inFlight === 0;
  });
  return !ended && view.hold && isUnsold ? 'held' : 'sales';
}
