/** The Worker's calls of an open room, one function for each. Refusals are values. */
import type { Refusal } from '#lib/domain/codes.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { AllocateResult, RushResult } from '#lib/protocol/http.ts';
import { answerTo } from '#lib/room/allocate.ts';
import { allocateResult, callRefusal, requestOf, stateFor } from '#lib/room/call-answers.ts';
import type { CalledOrder, Intent } from '#lib/room/call-answers.ts';
import { roomMeta } from '#lib/room/account.ts';
import type { LogReader } from './export-slots.ts';
import { exportLog } from './log-lines.ts';
import { intentOf } from './call-limits.ts';
import type { CallKind } from './call-limits.ts';
import type { LiveRoom } from './live-room.ts';
import type { Answers, Call, RoomAnswer } from './room-rpc.ts';
import { control, guardrail } from '#lib/room/presenting.ts';
import type { Change } from '#lib/room/presenting.ts';
import { rush } from '#lib/room/rush.ts';

/** An answer with the room's current figures. */
export function answered<T>(room: LiveRoom, data: T): RoomAnswer<T> {
  return { result: { ok: true, data }, meta: roomMeta(room.memory) };
}

/** A refusal with the room's current figures. */
export function refused<T>(room: LiveRoom, refusal: Refusal): RoomAnswer<T> {
  return { result: { ok: false, refusal }, meta: roomMeta(room.memory) };
}

/** Serves a call, unless it is not allowed or over its limit. */
export async function serveCall<T>(
  room: LiveRoom,
  call: Call | null,
  kind: CallKind,
  serve: (room: LiveRoom) => RoomAnswer<T> | Promise<RoomAnswer<T>>,
): Promise<RoomAnswer<T>> {
  const refusal =
    refusalOf(room, call, intentOf(kind)) ??
    (call && room.calls.take(kind, call.caller.sessionId, room.commits.steady()));
  return refusal ? refused(room, refusal) : serve(room);
}

/**
 * Why a call is not allowed; null when it is. An ended show can be read but not changed, also without a session by whoever knows
 * its code (`call` is null then).
 */
export function refusalOf(room: LiveRoom, call: Call | null, intent: Intent): Refusal | null {
  if (!call) {
    if (intent === 'read' && room.memory.facts.closed) return null;
    // D1 has the show as ended already, and the room is about to close.
    const message = 'This show is ending just now: try again in a moment.';
    return { code: 'BUSY', message, retryAfterMs: 1_000 };
  }
  return callRefusal(room, call.caller, intent);
}

/** The state, and what the caller holds in it. */
export function sendState(room: LiveRoom, { caller }: Call): Awaited<Answers<'state'>> {
  if (caller.role === 'participant') room.phoneCalled(caller.label);
  return answered(room, stateFor(room, caller.label));
}

/** Allocates for the caller, and waits for the answer. */
export async function sendAllocate(
  room: LiveRoom,
  { caller }: Call,
  order: CalledOrder,
): Promise<RoomAnswer<AllocateResult>> {
  const answer = await answerTo(room, requestOf(caller, order));
  if (answer.kind === 'nack') return refused(room, answer.refusal);
  return answered(room, allocateResult(room.memory, answer));
}

/** Sends simulated shoppers. */
export async function sendRush(
  room: LiveRoom,
  order: { count: number; units: number; mode?: Mode },
): Promise<RoomAnswer<RushResult>> {
  // The name tells rushes apart; shoppers in one are numbered.
  const name = crypto.randomUUID().slice(0, 4);
  const shoppers = { ...order, name, op: () => crypto.randomUUID(), inMs: () => 0 };
  const result = await new Promise<RushResult | Refusal | null>((resolve) => rush(room, shoppers, resolve));
  if (result && 'code' in result) return refused(room, result);
  if (result) return answered(room, result);
  return refused(room, {
    code: 'STORAGE_UNAVAILABLE',
    message: 'The rush is under way but has not settled: the database does not answer. Look at the state.',
    retryAfterMs: 1_000,
  });
}

/** The room's log, once there is a slot for its reader. */
export async function sendLog(
  room: LiveRoom,
  reader: LogReader,
): Promise<RoomAnswer<ReadableStream<Uint8Array>>> {
  const ended = await room.summary.exports.begin(reader);
  if (typeof ended !== 'function') return refused(room, ended);
  return answered(room, exportLog(room.ports.tables, room.memory, room.ports.now(), ended));
}

/** Switches mode or step, holds the room, gives the GO, sets a distance. */
export async function sendControl(room: LiveRoom, { caller }: Call, change: Change): Answers<'control'> {
  const refusal = await room.commits.ask((tx) => control(tx, caller.label, change, room.ports.lanes));
  return refusal ? refused(room, refusal) : answered(room, room.fullState());
}

/** Trips or clears the guardrail by hand. */
export async function sendGuardrail(room: LiveRoom, action: 'trip' | 'clear'): Answers<'guardrail'> {
  await room.commits.ask((tx) => guardrail(tx, action));
  return answered(room, room.fullState());
}
