/** The client of each engine. Loaded when a lane needs it: a room of the pair never parses a database's protocol. */
import { ENGINE_OF } from '#lib/domain/engines.ts';
import type { ConnectedEngine, EnginesConfig } from './engine-config.ts';
import type { Connect, EngineClient, LaneAt } from './engine-client.ts';

type Loaders = { readonly [E in ConnectedEngine]?: () => Promise<Connect<E>> };

const LOADERS: Loaders = {
  postgres: async () => (await import('./postgres.ts')).connectPostgres,
  dynamodb: async () => (await import('./dynamodb/connect.ts')).connectDynamoDb,
  redis: async () => (await import('./redis/connect.ts')).connectRedis,
  firestore: async () => (await import('./firestore/connect.ts')).connectFirestore,
};

/** The client of a lane's engine; null when this deployment is not connected with it. */
export function clientOf(engines: EnginesConfig, at: LaneAt): Promise<EngineClient | null> {
  const engine = ENGINE_OF[at.lane];
  if (engine === 'objects' || engine === 'd1') return Promise.resolve(null);
  return load(engine, engines, at);
}

async function load<E extends ConnectedEngine>(
  engine: E,
  engines: EnginesConfig,
  at: LaneAt,
): Promise<EngineClient | null> {
  const config = engines[engine];
  const loader = LOADERS[engine];
  if (!config || !loader) return null;
  return (await loader())(config, at);
}
