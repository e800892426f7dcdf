/** What this site can open: every lane with what answers for it here, and how to connect what does not. */
import { ENGINE_OF, engineIn } from '#lib/domain/engines.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { SiteLane } from '#lib/protocol/http.ts';
import type { ConnectedEngine, EnginesConfig, Reached } from './engine-config.ts';

const HOW: Record<ConnectedEngine, string> = {
  postgres: 'Start with --engines, or set POSTGRES_URL.',
  dynamodb:
    'Start with --engines, or set DYNAMODB_REGION, DYNAMODB_ACCESS_KEY_ID and DYNAMODB_SECRET_ACCESS_KEY.',
  redis: 'Start with --engines where redis-server or valkey-server is installed, or set REDIS_URL.',
  firestore: 'Set FIRESTORE_PROJECT and FIRESTORE_KEY; no truthful Firestore can be had locally.',
};

/** A lane as this site has it. */
export function siteLane(engines: EnginesConfig, id: LaneId): SiteLane {
  const { name, label } = engineIn({}, id);
  const engine = ENGINE_OF[id] as ConnectedEngine;
  const here: Reached | null | undefined = engines[engine];
  // No configuration connects the platform's own.
  if (here === undefined) return { id, engine: { name, label }, distances: [0] };
  if (here === null)
    return { id, engine: { name, label: 'NOT CONNECTED' }, distances: [0], how: HOW[engine] };
  const farther = [...here.ports.keys()].filter((ms) => ms > 0).sort((a, b) => a - b);
  return { id, engine: { name, label: here.label }, distances: [0, ...farther] };
}

/** Why a show cannot sell on some lanes here, and how it could; null when it can. */
export function notConnected(engines: EnginesConfig, lanes: readonly LaneId[]): string | null {
  const missing = lanes.map((lane) => siteLane(engines, lane)).filter(({ how }) => how !== undefined);
  const [first] = missing;
  if (!first) return null;
  const { name } = first.engine;
  const ids = missing.filter(({ engine }) => engine.name === name).map(({ id }) => id);
  return `This site is not connected with ${name}, so not with ${ids.join(', ')}. ${first.how}`;
}
