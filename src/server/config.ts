/**
 * Variables and secrets, parsed and checked once. A value that cannot work stops the Worker: {@link configProblem}
 * names the variable in one sentence. Needs nothing of the platform, so that a start script can ask before it starts.
 */
import type { GuardrailAction, RoomConfig } from '#lib/domain/events.ts';
import type { Env } from './env.ts';
import { enginesOf, NO_ENGINES } from './engines/engine-config.ts';
import type { EnginesConfig } from './engines/engine-config.ts';
import { ConfigProblem, decimalOf, wholeNumberOf } from './config-values.ts';
import { isLoopback, isOrigin } from './origins.ts';

/** The raw variables and secrets of {@link Env}. */
export type RawConfig = Partial<
  Omit<Env, 'ROOM' | 'LIMITER' | 'ENGINE_LANE' | 'DB' | 'SESSIONS' | 'TELEMETRY' | 'ASSETS'>
>;

/** Turnstile, when it is configured. */
export interface TurnstileConfig {
  siteKey: string;
  secretKey: string;
  verifyUrl: string;
  /** One of Turnstile's public test secrets, which let everybody in: for loopback only. */
  dummy: boolean;
}

/** The configuration, parsed: see the table of README.md. Money in decimal USD. */
export interface Config extends RoomConfig {
  sessionTtlMs: number;
  maxParticipants: number;
  /** Origins besides the site's own. */
  allowedOrigins: readonly string[];
  turnstile: TurnstileConfig | null;
  debugToken: string | null;
  sessionSecret: string;
  engines: EnginesConfig;
}

/** HMAC-SHA-256 keys below its 32 bytes of output weaken it. */
const MIN_SECRET_BYTES = 32;
/** Shorter debug tokens could be guessed. */
const MIN_DEBUG_TOKEN = 32;
const SITEVERIFY = 'https://challenges.cloudflare.com/turnstile/v0/siteverify';
const DUMMY_SECRET = /^[123]x0/;

type Parsed = { config: Config; problem: null } | { config: null; problem: string };
const parsedEnvs = new WeakMap<RawConfig, Parsed>();

/** The configuration of this Worker. Throws when it cannot work: ask {@link configProblem} first. */
export function readConfig(env: RawConfig): Config {
  const parsed = parse(env);
  if (!parsed.config) throw new Error(parsed.problem);
  return parsed.config;
}

/** Why the configuration cannot work, in a sentence that names the variable; null when it can. */
export function configProblem(env: RawConfig): string | null {
  return parse(env).problem;
}

/** Why the configuration cannot serve this host; null when it can. */
export function hostProblem(config: Config, hostname: string): string | null {
  if (!config.turnstile?.dummy || isLoopback(hostname)) return null;
  return "TURNSTILE_SECRET_KEY is one of Turnstile's public test secrets, which are accepted on loopback only.";
}

/** The engines of this Worker. None where the configuration cannot work: a room that wakes for its end does not fail by it. */
export function connectedEngines(env: RawConfig): EnginesConfig {
  return parse(env).config?.engines ?? NO_ENGINES;
}

/** The part of the configuration that a room is opened with. */
export function roomConfig(config: Config): RoomConfig {
  const { billingScale, demoCostLimit, virtualLoadFactor, virtualCostThreshold } = config;
  const { guardrailAction, raceWindowMs } = config;
  return {
    billingScale,
    demoCostLimit,
    virtualLoadFactor,
    virtualCostThreshold,
    guardrailAction,
    raceWindowMs,
  };
}

function parse(env: RawConfig): Parsed {
  const known = parsedEnvs.get(env);
  if (known) return known;
  const parsed = parseFresh(env);
  parsedEnvs.set(env, parsed);
  return parsed;
}

function parseFresh(env: RawConfig): Parsed {
  try {
    return { config: parseAll(env), problem: null };
  } catch (error) {
    if (error instanceof ConfigProblem) return { config: null, problem: error.message };
    throw error;
  }
}

function parseAll(env: RawConfig): Config {
  const text = (name: keyof RawConfig) => textOf(env, name);
  const config: Config = {
    billingScale: decimalOf('BILLING_SCALE', text('BILLING_SCALE'), 1e-9),
    // Missing means exactly zero, never "no limit".
    demoCostLimit: decimalOf('DEMO_COST_LIMIT', text('DEMO_COST_LIMIT'), 0),
    virtualLoadFactor: decimalOf('VIRTUAL_LOAD_FACTOR', text('VIRTUAL_LOAD_FACTOR'), 100_000),
    virtualCostThreshold: decimalOf('VIRTUAL_COST_THRESHOLD', text('VIRTUAL_COST_THRESHOLD'), 100),
    guardrailAction: guardrailActionOf(text('GUARDRAIL_ACTION')),
    raceWindowMs: wholeNumberOf('RACE_WINDOW_MS', text('RACE_WINDOW_MS'), 100, 0, 5_000),
    sessionTtlMs:
      1_000 * wholeNumberOf('SESSION_TTL_SECONDS', text('SESSION_TTL_SECONDS'), 1_200, 10, 86_400),
    maxParticipants: wholeNumberOf('MAX_PARTICIPANTS', text('MAX_PARTICIPANTS'), 5_000, 1, 100_000),
    allowedOrigins: originsOf(text('ALLOWED_ORIGINS')),
    turnstile: turnstileOf(env),
    debugToken: debugTokenOf(text('DEBUG_TOKEN')),
    sessionSecret: secretOf(text('SESSION_SECRET')),
    engines: enginesOf(text),
  };
  if (!config.turnstile && !config.debugToken) {
    throw new ConfigProblem(
      'DEBUG_TOKEN is missing, and so are TURNSTILE_SITE_KEY and TURNSTILE_SECRET_KEY: nobody could open a show.',
    );
  }
  return config;
}

/** A variable as trimmed text; '' when it is missing. Variables may arrive as numbers from a configuration file. */
function textOf(env: RawConfig, name: keyof RawConfig): string {
  const value: unknown = env[name];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number') return String(value);
  throw new ConfigProblem(`${name} is to be text.`);
}

function guardrailActionOf(text: string): GuardrailAction {
  if (text === '' || text === 'warn') return 'warn';
  if (text === 'block') return 'block';
  throw new ConfigProblem(`GUARDRAIL_ACTION is "${text}"; it is either warn or block.`);
}

function originsOf(text: string): string[] {
  const origins = text.split(/[\s,]+/).filter(Boolean);
  const bad = origins.find((origin) => !isOrigin(origin));
  if (bad === undefined) return origins;
  throw new ConfigProblem(
    `ALLOWED_ORIGINS holds "${bad}"; it is a list of origins such as https://example.org, with commas between.`,
  );
}

function turnstileOf(env: RawConfig): TurnstileConfig | null {
  const siteKey = textOf(env, 'TURNSTILE_SITE_KEY');
  const secretKey = textOf(env, 'TURNSTILE_SECRET_KEY');
  const verifyUrl = textOf(env, 'TURNSTILE_VERIFY_URL') || SITEVERIFY;
  if (!URL.canParse(verifyUrl)) throw new ConfigProblem('TURNSTILE_VERIFY_URL is not an address.');
  if (siteKey && secretKey) return { siteKey, secretKey, verifyUrl, dummy: DUMMY_SECRET.test(secretKey) };
  if (!siteKey && !secretKey) return null;
  const [missing, set] = siteKey
    ? ['TURNSTILE_SECRET_KEY', 'TURNSTILE_SITE_KEY']
    : ['TURNSTILE_SITE_KEY', 'TURNSTILE_SECRET_KEY'];
  throw new ConfigProblem(`${missing} is missing while ${set} is set; Turnstile needs both or neither.`);
}

function debugTokenOf(text: string): string | null {
  if (text === '' || text.length >= MIN_DEBUG_TOKEN) return text || null;
  throw new ConfigProblem(`DEBUG_TOKEN has ${text.length} characters; it needs at least ${MIN_DEBUG_TOKEN}.`);
}

function secretOf(text: string): string {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes >= MIN_SECRET_BYTES) return text;
  throw new ConfigProblem(
    bytes === 0
      ? `SESSION_SECRET is missing; it needs at least ${MIN_SECRET_BYTES} random bytes.`
      : `SESSION_SECRET has ${bytes} bytes; it needs at least ${MIN_SECRET_BYTES} random ones.`,
  );
}
