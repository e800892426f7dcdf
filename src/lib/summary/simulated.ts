/** What is said of SIMULATED shoppers wherever a figure includes what they did. */
import { count } from '#lib/components/format.ts';
import { phrase } from '#lib/language/phrase.ts';
import { laneOverall, simulatedOf } from './overall.ts';
import { lanesOfRoom } from './show-summary.ts';
import type { RoomSummary } from './show-summary.ts';

/** Figures of a card that shoppers bring about on all lanes together, by key. */
const OF_ALL_LANES: readonly string[] = ['exposure', 'people', 'virtual'];

/** What pictures and pages say of units sold; empty where none was simulated. */
export function simulatedWords({ simUnits, units }: { simUnits: number; units: number }): string {
  if (simUnits === 0) return '';
  return units === 1
    ? phrase('SIMULATED shoppers got the 1 unit sold.')
    : phrase(`SIMULATED shoppers got ${count(simUnits)} of the ${count(units)} units sold.`);
}

/** What SIMULATED shoppers have to do with a figure of a room's card; empty where they have nothing to do with it. */
export function simulatedIn(figure: string, room: RoomSummary): string {
  const lane = lanesOfRoom(room).find((each) => [each, `lost-${each}`, `work-${each}`].includes(figure));
  const all = simulatedOf(room.epochs);
  const { simUnits, units } = lane ? unitsOn(room, lane) : all;
  if (figure === lane || figure === 'orders') return simulatedWords({ simUnits, units });
  return simUnits > 0 && (lane || OF_ALL_LANES.includes(figure))
    ? phrase('SIMULATED shoppers took part.')
    : '';
}

function unitsOn(room: RoomSummary, lane: ReturnType<typeof lanesOfRoom>[number]) {
  const { simUnits, acknowledged: units } = laneOverall(room, lane);
  return { simUnits, units };
}
