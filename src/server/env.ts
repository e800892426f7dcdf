/** What the platform hands to the Worker: bindings, variables and secrets as they come, unparsed (see config.ts). */
import type { EngineRpc } from './engines/engine-rpc.ts';
import type { Limiter } from './limiter.ts';
import type { RoomRpc } from './room/room-rpc.ts';

/** Bindings and raw variables of wrangler.toml, and the secrets of `.dev.vars` or the deployed Worker. */
export interface Env {
  ROOM: DurableObjectNamespace<RoomRpc & Rpc.DurableObjectBranded>;
  LIMITER: DurableObjectNamespace<Limiter>;
  ENGINE_LANE: DurableObjectNamespace<EngineRpc & Rpc.DurableObjectBranded>;
  DB: D1Database;
  SESSIONS: KVNamespace;
  TELEMETRY: AnalyticsEngineDataset;
  ASSETS: Fetcher;
  /** Bound by the local server under a tunnel alone: answers the public origin of this moment as JSON, null while there is none. */
  PUBLIC_ADDRESS?: Fetcher;

  BILLING_SCALE?: string;
  DEMO_COST_LIMIT?: string;
  VIRTUAL_LOAD_FACTOR?: string;
  VIRTUAL_COST_THRESHOLD?: string;
  GUARDRAIL_ACTION?: string;
  RACE_WINDOW_MS?: string;
  SESSION_TTL_SECONDS?: string;
  MAX_PARTICIPANTS?: string;
  ALLOWED_ORIGINS?: string;
  TURNSTILE_SITE_KEY?: string;
  TURNSTILE_SECRET_KEY?: string;
  /** Where siteverify is; set only by tests, to a local server that keeps its documented contract. */
  TURNSTILE_VERIFY_URL?: string;
  DEBUG_TOKEN?: string;
  SESSION_SECRET?: string;

  /** Secret, because it holds a password: `postgres://user:password@host:port/database`. */
  POSTGRES_URL?: string;
  /** Secret: `redis://user:password@host:port`, or `rediss://` with TLS. */
  REDIS_URL?: string;
  REDIS_LOCK_TTL_MS?: string;
  /** Another service with DynamoDB's API than AWS. */
  DYNAMODB_ENDPOINT?: string;
  DYNAMODB_REGION?: string;
  DYNAMODB_ACCESS_KEY_ID?: string;
  DYNAMODB_SECRET_ACCESS_KEY?: string;
  DYNAMODB_TABLE?: string;
  FIRESTORE_PROJECT?: string;
  /** Secret: the JSON of a service account. */
  FIRESTORE_KEY?: string;
  /** Another service with Firestore's REST API than Google's. */
  FIRESTORE_ENDPOINT?: string;
  /** Set by the local start alone: the engines that it has started, and their ports by distance, as JSON. */
  LOCAL_ENGINES?: string;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the platform's own place for this type
  namespace Cloudflare {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merges our bindings into the platform's type
    interface Env extends AppEnv {}
  }
}
type AppEnv = Env;
