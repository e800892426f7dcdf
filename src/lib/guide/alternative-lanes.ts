/** Which alternative of the guide each lane stands for (alternatives.ts): what is measured on the lane is held against its claims. */
import type { LaneId } from '#lib/domain/lane.ts';

/** Id of the alternative of each lane. */
export const ALTERNATIVE_OF: Readonly<Record<LaneId, string>> = {
  safe: 'durable-objects',
  eventual: 'read-pause-write',
  'postgres-blind': 'regional-sql',
  'postgres-conditional': 'regional-sql',
  'postgres-for-update': 'regional-sql',
  'postgres-serializable': 'regional-sql',
  'dynamodb-put': 'dynamo',
  'dynamodb-conditional': 'dynamo',
  'dynamodb-transaction': 'dynamo-transactions',
  'redis-lock': 'elasticache',
  'redis-script': 'elasticache',
  'firestore-transaction': 'firestore',
};
