/** The HTTP contract: schemas of the bodies that clients send, and types of the answers (docs/api.md). */
import * as v from 'valibot';
import { MAX_CAPACITY, MAX_NAME, MAX_UNIT_PRICE } from '#lib/domain/bounds.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { NamedEngine } from '#lib/domain/engines.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId, LaneResults } from '#lib/domain/lane.ts';
import type { Ledger } from '#lib/domain/ledger.ts';
import type { Sku } from '#lib/domain/events.ts';
import { isWholeCents } from '#lib/domain/money.ts';
import { isSkuId } from '#lib/domain/show-code.ts';
import { charactersOf, keptName } from '#lib/domain/typed-text.ts';
import { MAX_LANES, MAX_RUSH, MAX_SKUS } from './limits.ts';
import { mode, units } from './fields.ts';
import { distance, guardrailAction, step } from './up.ts';
import { object } from './object.ts';

/** Roles of a session in its show: presenters control it, participants buy. */
export const ROLES = ['presenter', 'participant'] as const;
/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

const skuId = v.pipe(v.string(), v.check(isSkuId, 'letters, digits, hyphens and underscores, at most 32'));
const nameRule = () => `a name has 1 to ${MAX_NAME} characters, of which one at least can be seen`;
/** `v.maxLength` counts UTF-16 units. */
const longestName: v.MaxLengthAction<string, typeof MAX_NAME, typeof nameRule> = {
  ...v.maxLength(MAX_NAME, nameRule),
  '~run'(dataset, config) {
    if (dataset.typed && charactersOf(dataset.value) > this.requirement) {
      v._addIssue(this, 'length', dataset, config);
    }
    return dataset;
  },
};
/** Half a surrogate pair has no canonical JSON (RFC 8785), so no log could carry it. */
const skuName = v.pipe(
  v.string(),
  // The name stands in sentences on everybody's screen: it may not turn them round, or be nothing.
  v.transform(keptName),
  v.trim(),
  v.minLength(1, nameRule),
  longestName,
  v.check((name) => name.isWellFormed(), 'well-formed Unicode'),
);
/** At most as many units as the unit grid can draw. */
const capacity = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_CAPACITY));
/** Decimal USD. The maximum is far inside what pico-USD in a double can hold, and is what screens have room for. */
const unitPrice = v.pipe(
  v.number(),
  v.minValue(0),
  v.maxValue(MAX_UNIT_PRICE),
  v.check(isWholeCents, 'a price is in whole cents of a USD, such as 12.5 or 12.50'),
);

/** A SKU as a presenter opens it; a missing member takes its default. Price in decimal USD. */
export const skuInput = object({
  id: skuId,
  name: v.optional(skuName),
  capacity: v.optional(capacity),
  unitPrice: v.optional(unitPrice),
});

/** The lanes of a new show, in its order. Which of them a deployment has, the login says. */
const lanes = v.pipe(
  v.array(v.picklist(LANE_IDS)),
  v.minLength(1),
  v.maxLength(MAX_LANES),
  v.check((ids) => new Set(ids).size === ids.length, 'each once'),
);

/** `POST /api/auth/login` */
export const loginBody = object({
  turnstileToken: v.optional(v.pipe(v.string(), v.maxLength(2_048))),
  role: v.optional(v.picklist(ROLES)),
  show: v.optional(v.pipe(v.string(), v.maxLength(32))),
  skus: v.optional(v.pipe(v.array(skuInput), v.minLength(1), v.maxLength(MAX_SKUS))),
  lanes: v.optional(lanes),
});
/** `POST /api/demo/allocate` */
export const allocateBody = object({ skuId: v.string(), units: v.optional(units), mode: v.optional(mode) });
/** `POST /api/demo/rush` */
export const rushBody = object({
  skuId: v.string(),
  count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_RUSH)),
  mode: v.optional(mode),
  units: v.optional(units),
});
/** `POST /api/demo/control` */
export const controlBody = object({
  skuId: v.string(),
  mode: v.optional(mode),
  step: v.optional(step),
  hold: v.optional(v.literal(true)),
  go: v.optional(v.literal(true)),
  distance: v.optional(distance),
});
/** `POST /api/demo/guardrail` */
export const guardrailBody = object({ skuId: v.string(), action: guardrailAction });
/** `POST /api/demo/reset` */
export const resetBody = object({ skuId: v.optional(v.string()) });

/** Stands in every answer: which request this answers, and the ledger of the room concerned. */
export interface Meta {
  requestId: string;
  /** Unix milliseconds. */
  timestamp: number;
  guardrailTriggered: boolean;
  /** Virtual cost of the room concerned, decimal USD; 0 where no room is. */
  virtualCosts: number;
  ledger: Ledger;
}

/** The envelope of every JSON answer. */
export type ApiResponse<T> =
  | { success: true; data: T; meta: Meta }
  | {
      success: false;
      error: { code: ErrorCode; message: string; retryAfterMs?: number };
      meta: Meta;
    };

/** Answer to `POST /api/auth/login` and to a redeemed pairing code. */
export interface LoginResult {
  /** The signed session token (see docs/api.md). */
  token: string;
  sessionId: string;
  role: Role;
  show: string;
  /** The made-up name that everybody sees. */
  label: string;
  skus: Sku[];
  /** Unix milliseconds. */
  expiresAt: number;
}

/** What a login presented: a Turnstile token, the debug token, or neither (the show's code or another session is enough). */
export const PROOFS = ['turnstile', 'debug-token', 'none'] as const;
/** One of {@link PROOFS}. */
export type Proof = (typeof PROOFS)[number];

/** What KV holds of a session, and all that is known of a person. Times are Unix milliseconds. */
export interface SessionRecord {
  sessionId: string;
  /** Keyed hash of the IP address; the key changes daily. */
  ipHash: string;
  createdAt: number;
  renewedAt: number;
  role: Role;
  show: string;
  /** What this session's login presented. The control screen says so when it was the debug token. */
  proof: Proof;
}

/** Answer to `GET /api/auth/me`. `expiresAt` is Unix milliseconds; `stored` is null when KV has no record. */
export interface MeResult {
  sessionId: string;
  role: Role;
  show: string;
  label: string;
  expiresAt: number;
  stored: SessionRecord | null;
}

/** Answer to `POST /api/demo/allocate`. The last four are units of the lane used, of the safe lane in `both`. */
export interface AllocateResult {
  opId: string;
  skuId: string;
  epoch: number;
  mode: string;
  lanes: LaneResults;
  unitsAvailable: number;
  totalAllocated: number;
  oversellDelta: number;
  lostUnits: number;
}

/** Answer to `POST /api/demo/rush`; all numbers are shoppers. */
export interface RushResult {
  requested: number;
  /** Those that any lane allocated to. */
  allocated: number;
  /** Those that no lane allocated to; `byCode` counts the first refusal of each. */
  refused: number;
  byCode: Partial<Record<ErrorCode, number>>;
  /** Each lane's own answers, where shoppers asked several. */
  lanes?: Partial<Record<LaneId, RushLane>>;
}
/** Answers of one lane to a rush. */
export type RushLane = Pick<RushResult, 'allocated' | 'refused' | 'byCode'>;

/** Answer to `POST /api/demo/reset`: the epoch that began, by SKU. */
export interface ResetResult {
  epochs: Record<string, number>;
}

/** A lane as this site has it. */
export interface SiteLane {
  id: LaneId;
  engine: NamedEngine;
  /** EMULATED round trips that can be put on its wire, milliseconds; 0 is always one of them. */
  distances: readonly number[];
  /** How to connect it, in a sentence; only where it is not connected. */
  how?: string;
}

/** Data of `GET /api/demo/lanes`: what this site can open, in the order of the table. */
export interface LanesResult {
  lanes: SiteLane[];
}

/** Data of `GET /api/health`. */
export interface HealthResult {
  ok: true;
  version: string;
  /** Origin at which phones reach a local server through its tunnel; null while that is down, missing without one. */
  publicAddress?: string | null;
}
