/** Lanes of a contest as a room would tell them: among them every verdict, every label, a distance, and figures of all lengths. */
import type { LaneEngine } from '#lib/domain/engines.ts';
import { ENGINE_OF, ENGINES } from '#lib/domain/engines.ts';
import { byLane } from '#lib/domain/by-lane.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { ByLane, LaneId } from '#lib/domain/lane.ts';
import type { LaneState } from '#lib/domain/room-state.ts';

/** A lane in short: shares of what exists, and figures. */
interface Made {
  sold: number;
  stored?: number;
  inFlight?: number;
  ms?: [p50: number, p95: number];
  n?: number;
  retries?: number;
  engine?: Partial<LaneEngine>;
}

const FAR = { distanceMs: 80 };
const MADE: Partial<Record<LaneId, Made>> = {
  safe: { sold: 1, ms: [12, 38] },
  eventual: { sold: 1.87, stored: 0.58, ms: [198, 514] },
  'postgres-blind': { sold: 1.76, stored: 0.55, ms: [161, 240], retries: 0 },
  'postgres-conditional': { sold: 1, ms: [8.9, 27], retries: 0 },
  'postgres-for-update': { sold: 0.63, inFlight: 64, ms: [7_912, 15_204], retries: 0, engine: FAR },
  'postgres-serializable': { sold: 1, ms: [9_400, 18_030], retries: 13.9, engine: FAR },
  'dynamodb-put': { sold: 0.37, stored: 0.21, ms: [141, 188], engine: { label: 'EMULATOR' } },
  'dynamodb-conditional': { sold: 1, ms: [18, 44], engine: { label: 'EMULATOR' } },
  'dynamodb-transaction': { sold: 1, ms: [96, 610], engine: { label: 'EMULATOR', ...FAR } },
  'redis-lock': { sold: 1.18, stored: 0.87, ms: [41, 190], n: 7, retries: 0.6 },
  'redis-script': { sold: 1, retries: 0 },
  'firestore-transaction': { sold: 0, engine: { label: 'NOT CONNECTED' } },
};

/** Of so many units that exist. */
export function madeLanes(capacity: number, lanes: readonly LaneId[] = LANE_IDS): ByLane<LaneState> {
  return byLane(lanes, (lane) => madeLane(capacity, lane));
}

function madeLane(capacity: number, lane: LaneId): LaneState {
  const { sold, stored = sold, inFlight = 0, ms, n = 312, retries, engine } = MADE[lane] ?? { sold: 0 };
  const acknowledged = Math.round(sold * capacity);
  const kept = Math.round(stored * capacity);
  const again = Math.round((retries ?? 0) * acknowledged);
  return {
    capacity,
    acknowledged,
    stored: kept,
    lostUnits: acknowledged - kept,
    oversellDelta: Math.max(0, acknowledged - capacity),
    ops: acknowledged,
    refused: {},
    inFlight,
    conflicts: 0,
    latency: ms ? { n, p50: ms[0], p95: ms[1], p99: null } : { n: 0, p50: null, p95: null, p99: null },
    engine: { name: ENGINES[ENGINE_OF[lane]], label: 'REAL ENGINE', distanceMs: 0, ...engine },
    ...(retries === undefined
      ? {}
      : {
          worked: acknowledged,
          attempts: acknowledged + again,
          roundTrips: 4,
          retries: again > 0 ? { serialization: again } : {},
        }),
  };
}
