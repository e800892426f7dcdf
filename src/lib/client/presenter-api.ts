/** The calls of the contract that only presenters make, and what may be read of a show by its code: no phone carries them. */
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { EmbedOffer, EmbedStatus } from '#lib/protocol/embed.ts';
import type {
  HealthResult,
  LoginResult,
  ResetResult,
  Role,
  RushResult,
  LanesResult,
} from '#lib/protocol/http.ts';
import type { PairOffer, PairStatus } from '#lib/protocol/pairing.ts';
import type { PreflightResult } from '#lib/protocol/preflight.ts';
import { createApi, notUnderstood, offline, reach, readEnvelope, request } from './api.ts';
import type { Api, ApiFailure } from './api.ts';
import { botCalls, withoutCookies } from './bot-calls.ts';

/** Header that makes a repeated call the same call. */
const KEY_HEADER = 'idempotency-key';

/** The calls of the contract as a presenter makes them. */
export type PresenterApi = Api & ReturnType<typeof presenterCalls>;

/** Data of a call's good answer. */
export type AnswerOf<K extends Exclude<keyof PresenterApi, 'way' | 'hasToken' | 'bot'>> = Extract<
  Awaited<ReturnType<PresenterApi[K]>>,
  { ok: true }
>['data'];

/** The API for this browser's session as a presenter. */
export function createPresenterApi(fetcher?: typeof fetch): PresenterApi {
  return { ...createApi('presenter', fetcher), ...presenterCalls(fetcher) };
}

/** The calls beyond those of every session; `role` is whose session speaks, `stranger` the network of a session of its own. */
export function presenterCalls(
  fetcher: typeof fetch = (...request) => fetch(...request),
  role: Role = 'presenter',
  stranger: typeof fetch = withoutCookies,
) {
  const call = <T>(path: string, init: RequestInit = {}) => request<T>(fetcher, role, path, init);
  const post = <T>(path: string, body: unknown, headers: Record<string, string> = {}) =>
    call<T>(path, { method: 'POST', body: JSON.stringify(body), headers });
  const query = (skuId: string) => `?skuId=${encodeURIComponent(skuId)}`;
  return {
    /** Ends the show for everybody, on every device of its presenter. A logout ends the session of this one. */
    endShow: () => post<{ ended: true }>('/auth/end', {}),
    offerPairing: () => post<PairOffer>('/auth/pair', {}),
    withdrawPairing: () => post<{ withdrawn: true }>('/auth/pair/withdraw', {}),
    pairingStatus: () => call<PairStatus>('/auth/pair'),
    redeemPairing: (show: string, secret: string) => post<LoginResult>('/auth/pair/redeem', { show, secret }),
    offerEmbed: () => post<EmbedOffer>('/auth/embed', {}),
    withdrawEmbed: () => post<{ withdrawn: true }>('/auth/embed/withdraw', {}),
    embedStatus: () => call<EmbedStatus>('/auth/embed'),
    preflight: (skuId: string) => call<PreflightResult>(`/demo/preflight${query(skuId)}`),
    /** The room's state as its answer came, envelope and all; a refusal is an answer, too. */
    rawState: (skuId: string) => raw(fetcher, role, `/demo/state${query(skuId)}`),
    health: () => call<HealthResult>('/health'),
    /** Every lane, and what answers for it on this site. */
    lanes: () => call<LanesResult>('/demo/lanes'),
    rush: (order: { skuId: string; count: number; mode?: Mode; units?: number }) =>
      post<RushResult>('/demo/rush', order),
    control: (change: { skuId: string; mode?: Mode; step?: number; hold?: true; go?: true }) =>
      post<FullRoomState>('/demo/control', change),
    guardrail: (skuId: string, action: 'trip' | 'clear') =>
      post<FullRoomState>('/demo/guardrail', { skuId, action }),
    /** Resets one SKU, or all of the show. The same key again is the same reset. */
    reset: (skuId: string | null, key: string) =>
      post<ResetResult>('/demo/reset', skuId === null ? {} : { skuId }, { [KEY_HEADER]: key }),
    audit: (skuId: string) => call<AuditResult>(`/demo/audit${query(skuId)}`),
    /** The calls of a bot, which is nobody's session here. */
    bot: botCalls(stranger),
    /** The room's whole log: NDJSON, as a file. */
    log: (skuId: string) => download(fetcher, role, `/demo/log${query(skuId)}`),
  };
}

/** What may be read of a show by its code: with whatever session this browser has in it, and after its end without one. */
export function createReader(fetcher: typeof fetch = (...request) => fetch(...request)) {
  return {
    summary: (show: string) => request<unknown>(fetcher, null, `/demo/summary?show=${show}`, {}),
    log: (show: string, skuId: string) =>
      download(fetcher, null, `/demo/log?skuId=${encodeURIComponent(skuId)}&show=${show}`),
  };
}

/** An answer as it came: its status, and its body as text. */
export interface RawAnswer {
  status: number;
  text: string;
}

async function raw(
  fetcher: typeof fetch,
  role: Role,
  path: string,
): Promise<{ ok: true; data: RawAnswer } | ApiFailure> {
  const response = await reach(fetcher, role, path, {});
  if (!(response instanceof Response)) return response;
  try {
    return { ok: true, data: { status: response.status, text: await response.text() } };
  } catch {
    return offline();
  }
}

/** A file of the API; a refusal is one as of any other call. */
export async function download(
  fetcher: typeof fetch,
  role: Role | null,
  path: string,
  init: RequestInit = {},
): Promise<{ ok: true; data: Blob } | ApiFailure> {
  const response = await reach(fetcher, role, path, init);
  if (!(response instanceof Response)) return response;
  if (response.ok) {
    try {
      return { ok: true, data: await response.blob() };
    } catch {
      return offline();
    }
  }
  const refused = await readEnvelope<never>(response);
  return refused.ok ? notUnderstood(response.status) : refused;
}
