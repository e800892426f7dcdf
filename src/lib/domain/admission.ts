/**
 * Admission: may this op be done at all? The order is a closed list, and the first that applies wins:
 * malformed (the protocol's parser, and a mode that the show does not have) → not allowed → show ended → duplicate →
 * id reused → stale epoch → another mode → held → real-spend lock → guardrail (only when it blocks) → rate limit → busy →
 * the lane's own decision.
 */
import { modeRefusal } from './by-lane.ts';
import { refusal } from './codes.ts';
import type { Refusal } from './codes.ts';
import { lanesOf } from './lane.ts';
import type { LaneId, Mode } from './lane.ts';
import { LANES } from './lanes.ts';
import type { KnownOp, OpRequest } from './op.ts';
import { isSameOp } from './op.ts';

/**
 * Most ops in flight on each lane that answers later: a database that runs one query at a time answers this many within a
 * second.
 */
export const MAX_IN_FLIGHT = 64;
/** Most ops that a room remembers. Ids are never dropped; when the limit is reached, new ops are refused. */
export const MAX_OPS = 1_000_000;

/** What admission needs to know of the room. */
export interface AdmissionView {
  /** Null when the session may act; else why not. */
  barred: Refusal | null;
  ended: boolean;
  known: KnownOp | null;
  epoch: number;
  mode: Mode;
  /** Of the show, in its order. */
  lanes: readonly LaneId[];
  /** True while a reset is under way: no op of the old epoch may start. */
  resetting: boolean;
  /** Milliseconds until a held room takes ops; Infinity while no GO was given. */
  waitForGoMs: number;
  /** Functions, so that money and rate are computed only when the rules before them pass. */
  exceedsRealBudget: () => boolean;
  guardrailBlocks: boolean;
  /** Milliseconds until the participant's rate limit has a token. */
  waitForTokenMs: () => number;
  /** Milliseconds until a room under pressure takes the next op of this participant. */
  waitForTurnMs: () => number;
  /** True for a lane on which {@link MAX_IN_FLIGHT} ops are in flight. */
  isFull: (lane: LaneId) => boolean;
  opsKept: number;
  /** Median time of such an op now, milliseconds: the `retryAfterMs` of BUSY. */
  typicalFlightMs: number;
}

/** The decision on an op. */
export type Admission =
  | { kind: 'admitted'; mode: Mode }
  | { kind: 'duplicate'; known: KnownOp }
  | { kind: 'refused'; refusal: Refusal };

/** Decides in the stated order; changes nothing. */
export function admit(request: OpRequest, view: AdmissionView): Admission {
  const { known } = view;
  const mode = request.mode ?? view.mode;
  const malformed = mode === view.mode ? null : modeRefusal(mode, view.lanes);
  if (malformed) return { kind: 'refused', refusal: malformed };
  if (view.barred) return { kind: 'refused', refusal: view.barred };
  if (view.ended) return refused('SHOW_ENDED', endedWords(request, known));
  if (known && isSameOp(known, request)) return { kind: 'duplicate', known };
  if (known) {
    const message = 'This op id belongs to another op. Nothing was bought; use a new id.';
    return refused('IDEMPOTENCY_KEY_REUSED', message);
  }
  if ((request.epoch !== null && request.epoch !== view.epoch) || view.resetting) {
    const message = `The stock was reset. Nothing was bought; the epoch is now ${view.epoch}.`;
    return refused('STALE_EPOCH', message);
  }
  if (request.role === 'participant' && mode !== view.mode) {
    return refused('MODE_MISMATCH', `The room sells in mode ${view.mode}. Nothing was bought.`);
  }
  if (view.waitForGoMs > 0) {
    const again = view.waitForGoMs === Infinity ? [] : [Math.ceil(view.waitForGoMs)];
    return refused('HELD', 'Wait for the GO. Nothing was bought.', ...again);
  }
  return admitNewWork(view, mode);
}

function admitNewWork(view: AdmissionView, mode: Mode): Admission {
  if (view.exceedsRealBudget()) {
    const message = 'The real-spend lock refuses this charge. Nothing was bought.';
    return refused('REAL_BUDGET_EXCEEDED', message);
  }
  if (view.guardrailBlocks) {
    const message = 'The guardrail has tripped and is set to block. Nothing was bought.';
    return refused('GUARDRAIL_BLOCKED', message);
  }
  const tokenInMs = Math.ceil(view.waitForTokenMs());
  if (tokenInMs > 0) {
    return refused('RATE_LIMITED', 'At most 200 taps a minute. Nothing was bought.', tokenInMs);
  }
  const turnInMs = Math.ceil(view.waitForTurnMs());
  if (turnInMs > 0) {
    const message = 'More is asked of this room than it can answer. Nothing was bought; try again.';
    return refused('BUSY', message, turnInMs);
  }
  // A lane of several that is full says so in its own result.
  const later = lanesOf(mode, view.lanes).filter((lane) => LANES[lane].answers === 'later');
  if (later.length > 0 && later.every(view.isFull)) {
    const message = `${MAX_IN_FLIGHT} purchases are under way. Nothing was bought; try again.`;
    return refused('BUSY', message, Math.ceil(view.typicalFlightMs));
  }
  if (view.opsKept >= MAX_OPS) {
    return refused('STORAGE_UNAVAILABLE', 'This room can remember no more ops. Nothing was bought.');
  }
  return { kind: 'admitted', mode };
}

/** An op that comes again behind the end is not answered again; that it was done before may not be denied. */
function endedWords({ owner }: OpRequest, known: KnownOp | null): string {
  return known?.owner === owner
    ? 'This show has ended. This op was admitted before its end: what became of it stands in the log.'
    : 'This show has ended. Nothing was bought.';
}

function refused(...why: Parameters<typeof refusal>): Admission {
  return { kind: 'refused', refusal: refusal(...why) };
}
