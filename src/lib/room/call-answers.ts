/** What a room answers to calls over HTTP, in its object and in a rehearsal alike. */
import type { ErrorCode, Refusal } from '#lib/domain/codes.ts';
import { ofLane, tappedLanes } from '#lib/domain/lane.ts';
import type { LaneResults, Mode } from '#lib/domain/lane.ts';
import { FIRST_LANE } from '#lib/domain/lanes.ts';
import type { OpRequest } from '#lib/domain/op.ts';
import { botLabel } from '#lib/domain/op.ts';
import type { StateAnswer } from '#lib/domain/room-state.ts';
import { countersOf } from '#lib/domain/view.ts';
import type { AllocateResult } from '#lib/protocol/http.ts';
import type { OpAnswer } from './allocate.ts';
import type { Caller } from './connections.ts';
import type { RoomContext } from './context.ts';
import { barred } from './memory.ts';
import type { RoomMemory } from './memory.ts';
import { showEnded } from './messages.ts';
import type { RoomCore } from './room-core.ts';
import { heldBy } from './state.ts';

/** What a call needs: reading the room, changing it, or the presenter's role. */
export type Intent = 'read' | 'change' | 'present';

/** An order by a call. Without an epoch it is one in the room's own, whichever that is by then. */
export interface CalledOrder {
  op: string;
  units: number;
  mode?: Mode | null;
  epoch?: number | null;
  /** True where its caller says that no person made it. */
  sim?: boolean;
}

/** What a lane's refusal says; lanes give the code alone. */
const LANE_MESSAGES: Partial<Record<ErrorCode, string>> = {
  OUT_OF_STOCK: 'Not enough units are left for this order.',
  BUSY: 'Too many orders are in flight: try again.',
  STALE_EPOCH: 'The room was reset while this order was under way: it was not carried out.',
};
/** How long to wait before a busy lane is asked again, milliseconds: an order is in flight about as long. */
const BUSY_WAIT_MS = 250;

/** Why a session's call is not allowed; null when it is. An ended show can be read but not changed. */
export function callRefusal({ memory, ports }: RoomContext, caller: Caller, intent: Intent): Refusal | null {
  const loggedOut = barred(memory, caller.sessionId);
  if (loggedOut) return loggedOut;
  if (caller.expiresAt <= ports.now()) {
    return { code: 'EXPIRED_SESSION', message: 'This session has expired. Join again.' };
  }
  if (intent === 'present' && caller.role !== 'presenter') {
    return { code: 'FORBIDDEN', message: 'Only the presenter may do this.' };
  }
  // Of a tap it is admission's to say: the room may have answered it before the end.
  return intent === 'present' && memory.facts.closed ? showEnded() : null;
}

/** The state, what somebody holds in it, and that the show is over once it is. */
export function stateFor(room: RoomCore, label: string): StateAnswer {
  const isOver = room.memory.facts.closed !== null;
  return {
    ...room.fullState(),
    holdings: heldBy(room.memory, label),
    ...(isOver && { ended: true as const }),
  };
}

/**
 * An order as an op. Of a caller that says that it is no person, whatever it buys is marked as simulated, under a name that says
 * so: whoever reads the log, or a sentence with two names in it, sees what it was.
 */
export function requestOf(
  { sessionId: owner, label, role }: Pick<Caller, 'sessionId' | 'label' | 'role'>,
  { op, units, mode = null, epoch = null, sim = false }: CalledOrder,
): OpRequest {
  return { op, owner, label: sim ? botLabel(label) : label, role, units, epoch, mode, sim };
}

/** The answer to an order. Counters are those of the lane used; of the first where there are several. */
export function allocateResult(
  { facts, opening }: RoomMemory,
  answer: Extract<OpAnswer, { kind: 'ack' }>,
): AllocateResult {
  const [lane = FIRST_LANE] = tappedLanes({ mode: answer.mode, lanes: facts.lanes });
  const counters = countersOf(ofLane(facts.lanes, lane), opening.sku.capacity, 0);
  return {
    opId: answer.op,
    skuId: opening.sku.id,
    epoch: answer.epoch,
    mode: answer.mode,
    lanes: answer.lanes,
    unitsAvailable: Math.max(0, counters.capacity - counters.acknowledged),
    totalAllocated: counters.acknowledged,
    oversellDelta: counters.oversellDelta,
    lostUnits: counters.lostUnits,
  };
}

/** The status of an order: 200 when any lane allocated, 202 while one may still, else why the first lane did not. */
export function verdictOf(
  lanes: LaneResults,
): { status: number; refusal?: undefined } | { refusal: Refusal } {
  const results = Object.values(lanes);
  if (results.some(({ status }) => status === 'allocated')) return { status: 200 };
  const refusal = results.find(({ status }) => status === 'refused');
  if (!refusal?.code || results.some(({ status }) => status === 'pending')) return { status: 202 };
  const { code } = refusal;
  return {
    refusal: {
      code,
      message: LANE_MESSAGES[code] ?? 'The order was refused.',
      ...(code === 'BUSY' ? { retryAfterMs: BUSY_WAIT_MS } : {}),
    },
  };
}
