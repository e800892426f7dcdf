/** The stage in words, for screen readers. */
import { isWhole } from '#lib/client/ended.ts';
import type { RoomSession } from '#lib/client/room-session.ts';
import { contestRows } from '#lib/components/contest/contest-rows.ts';
import { contestSummary } from '#lib/components/contest/contest-words.ts';
import { count, phonesIn } from '#lib/components/format.ts';
import { stoppedWords } from '#lib/components/guardrail-words.ts';
import { guessSummary } from '#lib/components/guess/guess-words.ts';
import { laneWords } from '#lib/components/strategy-words.ts';
import { ofLane, tappedLanes } from '#lib/domain/lane.ts';
import type { LaneCounters, LaneId } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';

/** The room in a few sentences: phones, sales, oversold and lost units, what lock and guardrail refused, and whether it waits for its GO. When it has `ended`, phones are left out. */
export function stageSummary(view: RoomState, ended: boolean): string {
  const phones = ended
    ? phrase('The show is over.')
    : `${count(view.people.phones)} ${phonesIn(view.people.phones, false)}.`;
  const lanes =
    view.mode === 'contest'
      ? [contestSummary(contestRows(view))]
      : tappedLanes(view).map((lane) => laneSummary(lane, ofLane(view.lanes, lane)));
  const held = view.hold && !ended ? [phrase('Held: nothing is sold before the GO.')] : [];
  return [phones, ...held, ...lanes, guessSummary(view)].join(' ').trimEnd();
}

function laneSummary(id: LaneId, lane: LaneCounters): string {
  const { acknowledged, capacity, oversellDelta, lostUnits, inFlight } = lane;
  const stopped = stoppedWords(lane).map(({ figure, words }) => `, ${figure} ${words}`);
  const over = oversellDelta > 0 ? phrase(`, ${count(oversellDelta)} oversold`) : '';
  const lost =
    lostUnits > 0
      ? inFlight > 0
        ? phrase(`, ${count(lostUnits)} lost so far`)
        : phrase(`, ${count(lostUnits)} lost`)
      : '';
  const sold = phrase(`${laneWords(id)}: ${count(acknowledged)} of ${count(capacity)} sold`);
  return `${sold}${over}${lost}${stopped.join('')}.`;
}

/** What the stage of an ended show says of the state that it shows. */
export function endWords(view: RoomState, { heardEnd }: Pick<RoomSession, 'heardEnd'>): string {
  return isWhole({ heardEnd, view: { state: view } })
    ? phrase('This show has ended. What you see is how it ended.')
    : phrase('This show has ended, and not all of it has arrived here: what you see is from before.');
}
