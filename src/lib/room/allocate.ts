/**
 * Allocation of an op: admission in the stated order, then every lane of the mode. Lanes that answer at once decide here, in the
 * transaction; lanes that answer later get an order once the transaction is stored, and report.
 */
import { admit } from '#lib/domain/admission.ts';
import type { Admission } from '#lib/domain/admission.ts';
import { idsIn, lanesIn } from '#lib/domain/by-lane.ts';
import { COUNTED_CODES } from '#lib/domain/codes.ts';
import type { ErrorCode, Refusal } from '#lib/domain/codes.ts';
import { waitForGo } from '#lib/domain/hold.ts';
import { lanesOf, ofLane } from '#lib/domain/lane.ts';
import type { LaneId, LaneResult, LaneResults, Mode } from '#lib/domain/lane.ts';
import type { KnownOp, OpRequest } from '#lib/domain/op.ts';
import { keepTurn, takeTurn, waitForTurn } from '#lib/domain/pressure.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { takeToken, waitForToken } from '#lib/domain/rate.ts';
import type { Buyer } from '#lib/domain/settle.ts';
import type { RoomContext } from './context.ts';
import { appendGrant } from './granting.ts';
import { isFull, landedOn, setOut } from './in-flight.ts';
import type { PendingOp } from './in-flight.ts';
import { barred } from './memory.ts';
import { exceedsRealBudget, appendLock } from './account.ts';
import type { Transaction } from './transaction.ts';

/** Answer to an op: its result on each lane, or why it was not admitted. */
export type OpAnswer =
  | { kind: 'ack'; op: string; sentOp?: string; epoch: number; mode: Mode; lanes: LaneResults }
  | { kind: 'nack'; op: string; sentOp?: string; refusal: Refusal };

/** A room that allocates. */
export interface AllocatingRoom extends RoomContext {
  readonly reconciliation: {
    readonly typicalFlightMs: number;
    /** Sends an admitted op to the lanes that answer later; `answer` is called when all of them have, or after a while. */
    order(pending: PendingOp, answer: Answer): void;
  };
}

/** Called with an op's answer. */
export type Answer = (answer: OpAnswer) => void;

/** Cost of a tap's arrival, which was metered when it arrived; simulated shoppers have none. */
const BROUGHT: Record<PendingOp['origin'], MeterCounts> = {
  socket: { 'do.messageIn': 1 },
  call: { 'worker.request': 1, 'do.request': 1 },
};

/**
 * Decides an op with the next commit. `answer` is called once that is stored; for an op in flight, by reconciliation. On a socket
 * it is called before that with the answers of the other lanes, so that each is sent when it is known.
 */
export function allocate(
  room: AllocatingRoom,
  request: OpRequest,
  origin: PendingOp['origin'],
  answer: Answer,
): void {
  room.commits.submit({
    run: (tx) => decide(tx, room, request, origin, answer),
    failed: (error) => {
      room.failed(error, 'op_failed');
      const message = 'The room could not store this. Nothing was bought; try again.';
      answer(nackOf(request, { code: 'STORAGE_UNAVAILABLE', message }));
    },
  });
}

/** Like {@link allocate}, for calls, which wait. */
export function answerTo(room: AllocatingRoom, request: OpRequest): Promise<OpAnswer> {
  return new Promise((resolve) => allocate(room, request, 'call', resolve));
}

function decide(
  tx: Transaction,
  room: AllocatingRoom,
  request: OpRequest,
  origin: PendingOp['origin'],
  answer: Answer,
): undefined {
  const admission = admitIn(tx, room, request);
  switch (admission.kind) {
    case 'refused':
      if (admission.refusal.code === 'BUSY') keepTurn(room.ports.load.pressure, request.owner, tx.steadyMs);
      refuse(tx, request, admission.refusal, answer);
      return;
    case 'duplicate':
      tx.after(() => answer({ ...ackOf(admission.known), sentOp: request.sentOp ?? request.op }));
      return;
    case 'admitted':
      carryOut(tx, room, request, admission.mode, origin, answer);
      return;
  }
}

/** The current answer to an op. */
export function ackOf({ op, sentOp, epoch, mode, lanes }: KnownOp): OpAnswer {
  return { kind: 'ack', op, ...spelled(sentOp), epoch, mode, lanes };
}

/** The answer to an op that was not admitted. */
function nackOf({ op, sentOp }: OpRequest, refusal: Refusal): OpAnswer {
  return { kind: 'nack', op, ...spelled(sentOp), refusal };
}

/** The client's spelling of an op's id, where it is not canonical. */
export function spelled(sentOp: string | undefined): { sentOp?: string } {
  return sentOp === undefined ? {} : { sentOp };
}

function admitIn(tx: Transaction, { ports, reconciliation }: AllocatingRoom, request: OpRequest): Admission {
  const { memory, steadyMs } = tx;
  const { facts } = memory;
  return admit(request, {
    barred: barred(memory, request.owner),
    ended: facts.closed !== null,
    known: memory.pending.get(request.op) ?? memory.ops.get(request.op) ?? null,
    epoch: facts.epoch,
    mode: facts.mode,
    lanes: idsIn(facts.lanes),
    resetting: memory.resetting,
    waitForGoMs: waitForGo(facts.hold, tx.nowMs),
    exceedsRealBudget: () => exceedsRealBudget(memory, request.units),
    guardrailBlocks: facts.guardrail.tripped && memory.opening.config.guardrailAction === 'block',
    waitForTokenMs: () => waitForToken(memory.limits, request.owner, steadyMs),
    waitForTurnMs: () => waitForTurn(ports.load.pressure, request.owner, steadyMs),
    isFull: (lane) => isFull(memory, lane),
    opsKept: memory.ops.size,
    typicalFlightMs: reconciliation.typicalFlightMs,
  });
}

function refuse(tx: Transaction, request: OpRequest, refusal: Refusal, answer: Answer): void {
  if (refusal.code === 'REAL_BUDGET_EXCEEDED') appendLock(tx);
  const { facts } = tx.memory;
  const lanes = COUNTED.has(refusal.code) ? lanesOf(request.mode ?? facts.mode, idsIn(facts.lanes)) : [];
  for (const lane of lanes) tx.refused.push([lane, refusal.code]);
  tx.after(() => answer(nackOf(request, refusal)));
}

/** Refusals that the log counts. */
const COUNTED: ReadonlySet<ErrorCode> = new Set(COUNTED_CODES);

function carryOut(
  tx: Transaction,
  room: AllocatingRoom,
  request: OpRequest,
  mode: Mode,
  origin: PendingOp['origin'],
  answer: Answer,
): void {
  const { memory } = tx;
  takeToken(memory.limits, request.owner, tx.steadyMs);
  takeTurn(room.ports.load.pressure, request.owner, tx.steadyMs);
  tx.forTaps();
  memory.meters.tapped(request.sim ? {} : BROUGHT[origin]);
  const { op, owner, label, units, sim } = request;
  const lanes: LaneResults = {};
  for (const id of lanesOf(mode, idsIn(memory.facts.lanes))) {
    lanes[id] = resultOn(tx, room, id, { op, who: label, units, sim });
  }
  const { epoch } = memory.facts;
  const told = spelled(request.sentOp);
  const known: KnownOp = { op, ...told, owner, label, units, mode, epoch, admittedAtMs: tx.nowMs, lanes };
  if (Object.values(lanes).some(({ status }) => status === 'pending')) {
    const pending: PendingOp = { ...known, sim, origin };
    setOut(memory, pending);
    const stored = JSON.stringify(pending);
    tx.write((tables) => tables.writePending(op, stored));
    tx.after(() => {
      if (landedOn(known) > 0 && origin === 'socket') answer(ackOf(pending));
      room.reconciliation.order(pending, answer);
    });
    return;
  }
  keep(tx, known);
  tx.after(() => answer(ackOf(known)));
}

function resultOn(tx: Transaction, { ports }: AllocatingRoom, id: LaneId, buyer: Buyer): LaneResult {
  const lane = ports.lanes.get(id);
  if (!lane) throw new Error(`No lane is registered as ${id}`);
  const { units } = buyer;
  if (lane.answers === 'later') {
    return isFull(tx.memory, id) ? { status: 'refused', code: 'BUSY', units } : { status: 'pending', units };
  }
  const { facts, opening } = tx.memory;
  const code = lane.refusal(ofLane(facts.lanes, id), opening.sku.capacity, units);
  if (code) return { status: 'refused', code, units };
  return { status: 'allocated', units, seq: appendGrant(tx, id, buyer) };
}

/**
 * Keeps a decided op for as long as the room lives, if any lane allocated it. A refusal changed nothing and is not kept:
 * the same op that comes again is decided anew.
 */
export function keep(tx: Transaction, known: KnownOp): void {
  let allocated = false;
  for (const [lane, { status, code }] of lanesIn(known.lanes)) {
    if (status === 'refused' && code) tx.refused.push([lane, code]);
    if (status === 'allocated') allocated = true;
  }
  if (!allocated) return;
  const { op, sentOp, owner, label, units, mode, epoch, admittedAtMs, lanes } = known;
  tx.keep({ op, ...spelled(sentOp), owner, label, units, mode, epoch, admittedAtMs, lanes });
}
