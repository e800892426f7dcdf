/**
 * The room's RPC interface for the Worker. A refusal is a value, with the room's figures for the answer's `meta`; a bug throws.
 */
import type { Refusal } from '#lib/domain/codes.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { FullRoomState, StateAnswer } from '#lib/domain/room-state.ts';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import type { AllocateResult, RushResult } from '#lib/protocol/http.ts';
import type { RoomMeta } from '#lib/room/account.ts';
import type { CalledOrder } from '#lib/room/call-answers.ts';
import type { Caller } from '#lib/room/connections.ts';
import type { Opening } from '#lib/room/memory.ts';
import type { Change } from '#lib/room/presenting.ts';
import type { RoomSummary } from '#lib/summary/show-summary.ts';
import type { CallKind } from './call-limits.ts';
import type { LogReader } from './export-slots.ts';

/** A call: its session, and what the Worker has spent on it, which is charged to the room. */
export interface Call {
  caller: Caller;
  spent: MeterCounts;
}

/** An answer of a room. */
export interface RoomAnswer<T> {
  result: { ok: true; data: T } | { ok: false; refusal: Refusal };
  meta: RoomMeta;
}

/** The room's RPC methods. */
export interface RoomRpc {
  /** Opens the room once; opening it again with the same show changes nothing. */
  open(opening: Opening): Promise<void>;
  /**
   * The show's end is about to change in D1 and the rooms will be told; if the caller dies before, this room does it. The caller
   * tells this room last.
   */
  watchEnd(): Promise<void>;
  /** The show lives until `closesAt` (Unix ms). */
  extend(closesAt: number): Promise<void>;
  /** The show is over: nothing is admitted any more, and every socket is closed with 4410 once what was in flight has settled. */
  close(by: 'expiry' | 'presenter'): Promise<void>;
  /** The session was renewed until `expiresAt` (Unix ms): its open sockets live as long. */
  renew(sessionId: string, expiresAt: number): Promise<void>;
  /** The session logged out: its sockets are closed, its calls refused from now on. */
  revoke(sessionId: string): Promise<void>;
  /** Charges the room for what the Worker spent on its behalf outside of a call. */
  charge(spent: MeterCounts): Promise<void>;
  /** Whether this session may make a call of this kind that the room does not answer itself. It is counted. */
  admit(call: Call, kind: CallKind): Promise<RoomAnswer<null>>;
  state(call: Call): Promise<RoomAnswer<StateAnswer>>;
  allocate(call: Call, order: CalledOrder): Promise<RoomAnswer<AllocateResult>>;
  rush(call: Call, rush: { count: number; units: number; mode?: Mode }): Promise<RoomAnswer<RushResult>>;
  control(call: Call, change: Change): Promise<RoomAnswer<FullRoomState>>;
  guardrail(call: Call, action: 'trip' | 'clear'): Promise<RoomAnswer<FullRoomState>>;
  /** Resets; the same key again returns the first answer. The caller checks the limit of one a minute with the Limiter. */
  reset(call: Call, key: string): Promise<RoomAnswer<{ epoch: number }>>;
  audit(call: Call): Promise<RoomAnswer<AuditResult>>;
  /**
   * The log as NDJSON bytes: header line, one line per event, last line the head. Refusals as in the other calls. Without a
   * call (null) only of a show that has ended. Some read at a time, each caller (`reader`) a few: `RATE_LIMITED`, `BUSY`.
   */
  log(call: Call | null, reader: LogReader): Promise<RoomAnswer<ReadableStream<Uint8Array>>>;
  /** What the log comes to so far; without a call only of a show that has ended. */
  summary(call: Call | null): Promise<RoomAnswer<RoomSummary>>;
}

/** What a call answers. */
export type Answers<K extends keyof RoomRpc> = ReturnType<RoomRpc[K]>;
/** What a call is about, beside who calls. */
export type Asked<K extends keyof RoomRpc> = Parameters<RoomRpc[K]>[1];

/**
 * Header in which the Worker hands a verified caller to the room when a socket is opened: a {@link Caller} as JSON,
 * base64url.
 */
export const CALLER_HEADER = 'x-room-caller';
