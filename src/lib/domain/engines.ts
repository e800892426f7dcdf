/**
 * Engines: the stores that lanes sell in. Apart from lanes.ts, because a phone's page needs none of it. What is said of an engine on
 * every screen is its label: which kind of it answers here, and how far away it is made to seem.
 */
import type { ByLane, LaneId } from './lane.ts';

/** The engines, by what people read of them. */
export const ENGINES = {
  objects: 'Durable Objects',
  d1: 'D1',
  postgres: 'PostgreSQL',
  dynamodb: 'DynamoDB',
  redis: 'Redis',
  firestore: 'Firestore',
} as const;
/** The name of an engine. */
export type EngineId = keyof typeof ENGINES;

/** The engine of each lane. */
export const ENGINE_OF: Readonly<Record<LaneId, EngineId>> = {
  safe: 'objects',
  eventual: 'd1',
  'postgres-blind': 'postgres',
  'postgres-conditional': 'postgres',
  'postgres-for-update': 'postgres',
  'postgres-serializable': 'postgres',
  'dynamodb-put': 'dynamodb',
  'dynamodb-conditional': 'dynamodb',
  'dynamodb-transaction': 'dynamodb',
  'redis-lock': 'redis',
  'redis-script': 'redis',
  'firestore-transaction': 'firestore',
};

/**
 * What answers for an engine. An emulator's times and conflicts say nothing of the real service; an endpoint is one that the
 * configuration names, wherever it is.
 */
export const ENGINE_LABELS = ['REAL ENGINE', 'EMULATOR', 'YOUR ENDPOINT', 'NOT CONNECTED'] as const;
/** One of {@link ENGINE_LABELS}. */
export type EngineLabel = (typeof ENGINE_LABELS)[number];

/** Round trips that a presenter can put on a lane's wire, milliseconds: here, a region, a continent, an ocean. */
export const DISTANCES_MS = [0, 20, 80, 150] as const;

/** What answers for an engine. */
export interface NamedEngine {
  /** One of {@link ENGINES}. */
  name: string;
  label: EngineLabel;
}

/** The engine of a lane as screens tell it. */
export interface LaneEngine extends NamedEngine {
  /** Round trip that is put on the wire, milliseconds; 0 is none. */
  distanceMs: number;
}

/** True where a lane sells on the platform itself: no opening tells of that, and no wire to it can be made longer. */
export function isOwn(lane: LaneId): boolean {
  return OWN.includes(ENGINE_OF[lane]);
}

/**
 * What answers for a lane's engine, as the opening of its room tells it.
 * @param own what the platform's own engines are where this is asked: imitations, in a rehearsal
 */
export function engineIn(
  { engines }: { engines?: ByLane<NamedEngine> | undefined },
  lane: LaneId,
  own: EngineLabel = 'REAL ENGINE',
): NamedEngine {
  // A lane without an engine of a name goes by its own.
  const name: string | undefined = ENGINES[ENGINE_OF[lane]];
  return engines?.[lane] ?? { name: name ?? lane, label: own };
}

const OWN: readonly EngineId[] = ['objects', 'd1'];
