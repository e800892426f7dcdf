/** Which engines this deployment can reach, and how: variables and secrets, parsed and checked once (see config.ts). */
import * as v from 'valibot';
import { DISTANCES_MS } from '#lib/domain/engines.ts';
import type { EngineId, EngineLabel } from '#lib/domain/engines.ts';
import { ConfigProblem, wholeNumberOf } from '../config-values.ts';
import type { Env } from '../env.ts';

/** The variables and secrets of engines. */
export type EngineVar = Extract<
  keyof Env,
  `POSTGRES_${string}` | `REDIS_${string}` | `DYNAMODB_${string}` | `FIRESTORE_${string}` | 'LOCAL_ENGINES'
>;

/** What answers for an engine, and the distances at which it can be reached. */
export interface Reached {
  label: EngineLabel;
  /** Loopback ports by round trip in milliseconds; empty for an endpoint, which is where it is. */
  ports: ReadonlyMap<number, number>;
}

/** The engines of a deployment; null for one that is not connected. */
export interface EnginesConfig {
  postgres: (Reached & { url: string }) | null;
  redis: (Reached & { url: string; lockTtlMs: number }) | null;
  dynamodb: (Reached & DynamoDbAccess) | null;
  firestore: (Reached & { project: string; key: string; endpoint: string }) | null;
}

/** Connected with none. */
export const NO_ENGINES: EnginesConfig = { postgres: null, redis: null, dynamodb: null, firestore: null };

/** How DynamoDB is spoken to. */
export interface DynamoDbAccess {
  /** Null for AWS itself, in its region. */
  endpoint: string | null;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  table: string;
}

/** Engines that a configuration can connect. */
export type ConnectedEngine = keyof EnginesConfig & EngineId;

const DEFAULT_LOCK_TTL_MS = 10_000;
const GOOGLE = 'https://firestore.googleapis.com';
const DEFAULT_TABLE = 'revenue-guard-live';

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const localEngine = v.object({
  label: v.picklist(['REAL ENGINE', 'EMULATOR']),
  ports: v.record(v.pipe(v.string(), v.check(isDistance, 'one of the distances')), port),
});
const localEngines = v.object({
  postgres: v.optional(localEngine),
  dynamodb: v.optional(localEngine),
  redis: v.optional(localEngine),
});
type LocalEngines = v.InferOutput<typeof localEngines>;

/** The engines of the variables that `text` reads, trimmed and '' where one is missing. Throws {@link ConfigProblem}. */
export function enginesOf(text: (name: EngineVar) => string): EnginesConfig {
  const local = localOf(text('LOCAL_ENGINES'));
  return {
    postgres: addressed(local, 'postgres', addressOf('POSTGRES_URL', text('POSTGRES_URL'), POSTGRES)),
    redis: redisOf(local, text),
    dynamodb: dynamoDbOf(local, text),
    firestore: firestoreOf(text),
  };
}

/** An address at a distance: the same, through the loopback port that holds every byte back for so long. */
export function addressAt(address: string, { ports }: Reached, distanceMs: number): string {
  const at = ports.get(distanceMs);
  if (at === undefined) return address;
  const url = new URL(address);
  url.hostname = '127.0.0.1';
  url.port = String(at);
  return url.toString();
}

const POSTGRES = /^postgres(ql)?:$/;
const REDIS = /^rediss?:$/;
const HTTP = /^https?:$/;

function isDistance(text: string): boolean {
  return DISTANCES_MS.some((ms) => String(ms) === text);
}

/** An address of a scheme; the value is never told, because it may hold a password. */
function addressOf(name: EngineVar, text: string, scheme: RegExp): string {
  if (text === '' || (URL.canParse(text) && scheme.test(new URL(text).protocol))) return text;
  throw new ConfigProblem(`${name} is not an address of its engine (docs/engines.md).`);
}

function localOf(text: string): LocalEngines {
  if (text === '') return {};
  try {
    return v.parse(localEngines, JSON.parse(text));
  } catch {
    throw new ConfigProblem('LOCAL_ENGINES is not what the local start writes.');
  }
}

function reached(local: LocalEngines, engine: keyof LocalEngines): Reached {
  const here = local[engine];
  if (!here) return { label: 'YOUR ENDPOINT', ports: new Map() };
  const ports = Object.entries(here.ports).map(([ms, at]): [number, number] => [Number(ms), at]);
  return { label: here.label, ports: new Map(ports) };
}

function addressed(local: LocalEngines, engine: keyof LocalEngines, url: string) {
  return url === '' ? null : { ...reached(local, engine), url };
}

function redisOf(local: LocalEngines, text: (name: EngineVar) => string): EnginesConfig['redis'] {
  const here = addressed(local, 'redis', addressOf('REDIS_URL', text('REDIS_URL'), REDIS));
  const name = 'REDIS_LOCK_TTL_MS';
  const lockTtlMs = wholeNumberOf(name, text(name), DEFAULT_LOCK_TTL_MS, 1, 600_000);
  return here && { ...here, lockTtlMs };
}

function dynamoDbOf(local: LocalEngines, text: (name: EngineVar) => string): EnginesConfig['dynamodb'] {
  const [accessKeyId, secretAccessKey] = [text('DYNAMODB_ACCESS_KEY_ID'), text('DYNAMODB_SECRET_ACCESS_KEY')];
  const region = text('DYNAMODB_REGION');
  const endpoint = addressOf('DYNAMODB_ENDPOINT', text('DYNAMODB_ENDPOINT'), HTTP);
  if (!accessKeyId && !secretAccessKey && !endpoint) return null;
  if (!accessKeyId || !secretAccessKey || !region) {
    throw new ConfigProblem(
      'DYNAMODB_REGION, DYNAMODB_ACCESS_KEY_ID and DYNAMODB_SECRET_ACCESS_KEY belong together; one of them is missing.',
    );
  }
  const table = text('DYNAMODB_TABLE') || DEFAULT_TABLE;
  return {
    ...reached(local, 'dynamodb'),
    endpoint: endpoint || null,
    region,
    accessKeyId,
    secretAccessKey,
    table,
  };
}

function firestoreOf(text: (name: EngineVar) => string): EnginesConfig['firestore'] {
  const [project, key] = [text('FIRESTORE_PROJECT'), text('FIRESTORE_KEY')];
  if (!project && !key) return null;
  if (!project || !key) {
    throw new ConfigProblem('FIRESTORE_PROJECT and FIRESTORE_KEY belong together; one of them is missing.');
  }
  const endpoint = addressOf('FIRESTORE_ENDPOINT', text('FIRESTORE_ENDPOINT'), HTTP) || GOOGLE;
  return { label: 'YOUR ENDPOINT', ports: new Map(), project, key, endpoint: endpoint.replace(/\/$/, '') };
}
