/** The table of engines. */
import { dynamodb } from './dynamodb.mjs';
import { postgres } from './postgres.mjs';
import { redis } from './redis.mjs';

/** @type {Record<import('./names.mjs').EngineName, import('./engine.mjs').Engine>} */
export const ENGINES = { postgres, dynamodb, redis };
