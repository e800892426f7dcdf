/**
 * What people read of lanes beside one another: the engine, and what is done there, because on every engine one way is exact and
 * another oversells. Apart from lane-words.ts, which is on the way of a phone to its button.
 */
import { ENGINE_OF, ENGINES } from '#lib/domain/engines.ts';
import type { EngineLabel } from '#lib/domain/engines.ts';
import { unreachable } from '#lib/domain/assert.ts';
import { isLane } from '#lib/domain/by-lane.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import { phrase } from '#lib/language/phrase.ts';
import { modeWords } from './lane-words.ts';

/** The name of a lane's engine; it is not translated. */
export function engineWords(lane: LaneId): string {
  return ENGINES[ENGINE_OF[lane]];
}

/** What a lane does with the stock, in two or three words: the statement where there is one. */
export function strategyWords(lane: LaneId): string {
  switch (lane) {
    case 'safe':
      return phrase('one at a time');
    case 'eventual':
    case 'postgres-blind':
    case 'dynamodb-put':
      return phrase('read, write back');
    case 'postgres-conditional':
      return phrase('conditional UPDATE');
    case 'postgres-for-update':
      return phrase('FOR UPDATE');
    case 'postgres-serializable':
      return 'SERIALIZABLE';
    case 'dynamodb-conditional':
      return phrase('conditional write');
    case 'dynamodb-transaction':
    case 'firestore-transaction':
      return phrase('transaction');
    case 'redis-lock':
      return phrase('expiring lock');
    case 'redis-script':
      return phrase('Lua script');
    default:
      return unreachable(lane);
  }
}

/** The same as a short sentence, for people who know no statement. */
export function wayWords(lane: LaneId): string {
  switch (lane) {
    case 'safe':
      return phrase('one after the other, in one place');
    case 'eventual':
    case 'postgres-blind':
    case 'dynamodb-put':
      return phrase('read, pause, write back');
    case 'postgres-conditional':
    case 'dynamodb-conditional':
      return phrase('sell only if enough is left');
    case 'postgres-for-update':
      return phrase('lock the row, then sell');
    case 'postgres-serializable':
    case 'dynamodb-transaction':
    case 'firestore-transaction':
      return phrase('all or nothing, else try again');
    case 'redis-lock':
      return phrase('a lock that ends by itself');
    case 'redis-script':
      return phrase('check and count in one script');
    default:
      return unreachable(lane);
  }
}

/** The pair by which the show explains itself has names of its own, and so have the modes of several lanes. */
const NAMED: readonly Mode[] = ['safe', 'eventual', 'both', 'contest'];

/** A mode on one line: of a lane beyond the pair its engine and what is done there. */
export function laneWords(mode: Mode): string {
  if (NAMED.includes(mode) || !isLane(mode) || !(mode in ENGINE_OF)) return modeWords(mode);
  return `${engineWords(mode)}, ${strategyWords(mode)}`;
}

/** The engines of some lanes, each with the number of its lanes where there are several. */
export function enginesWords(lanes: readonly LaneId[]): string {
  return [...byEngine(lanes)]
    .map(([engine, of]) => (of.length > 1 ? `${engine} ×${of.length}` : engine))
    .join(', ');
}

function byEngine(lanes: readonly LaneId[]): Map<string, LaneId[]> {
  const engines = new Map<string, LaneId[]>();
  for (const lane of lanes) engines.set(engineWords(lane), [...(engines.get(engineWords(lane)) ?? []), lane]);
  return engines;
}

/** What answers for an engine. */
export function labelWords(label: EngineLabel): string {
  switch (label) {
    case 'REAL ENGINE':
      return phrase('REAL ENGINE');
    case 'EMULATOR':
      return phrase('EMULATOR');
    case 'YOUR ENDPOINT':
      return phrase('YOUR ENDPOINT');
    case 'NOT CONNECTED':
      return phrase('NOT CONNECTED');
    default:
      return unreachable(label);
  }
}

/** The distance that was put on a lane's wire, milliseconds of a round trip; '' for none. */
export function distanceWords(distanceMs: number): string {
  return distanceMs === 0 ? '' : phrase(`EMULATED +${distanceMs} ms`);
}
