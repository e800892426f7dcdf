/** What this site can open: every lane with what answers for it here, and how to connect what does not. */
import { ENGINE_OF, ENGINES } from '#lib/domain/engines.ts';
import type { EngineId, LaneEngine } from '#lib/domain/engines.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { ConnectedEngine, EnginesConfig } from './engine-config.ts';

/** A lane on this site. */
export interface SiteLane {
  id: LaneId;
  engine: Pick<LaneEngine, 'name' | 'label'>;
  /** Round trips that can be put on its wire, milliseconds; 0 is always one of them. */
  distances: readonly number[];
  /** How to connect it, in a sentence; only where it is not connected. */
  how?: string;
}

const HOW: Record<ConnectedEngine, string> = {
  postgres: 'Start with --engines, or set POSTGRES_URL.',
  dynamodb:
    'Start with --engines, or set DYNAMODB_REGION, DYNAMODB_ACCESS_KEY_ID and DYNAMODB_SECRET_ACCESS_KEY.',
  redis: 'Start with --engines where redis-server or valkey-server is installed, or set REDIS_URL.',
  firestore: 'Set FIRESTORE_PROJECT and FIRESTORE_KEY; no truthful Firestore can be had locally.',
};

/** A lane as this site has it. */
export function siteLane(engines: EnginesConfig, id: LaneId): SiteLane {
  const engine: EngineId = ENGINE_OF[id];
  const name = ENGINES[engine];
  if (engine === 'objects' || engine === 'd1')
    return { id, engine: { name, label: 'REAL ENGINE' }, distances: [0] };
  const here = engines[engine];
  if (!here) return { id, engine: { name, label: 'NOT CONNECTED' }, distances: [0], how: HOW[engine] };
  const farther = [...here.ports.keys()].filter((ms) => ms > 0).sort((a, b) => a - b);
  return { id, engine: { name, label: here.label }, distances: [0, ...farther] };
}
