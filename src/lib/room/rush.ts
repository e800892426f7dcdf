/** A rush: many simulated shoppers at once, each with its own identity, through the same admission and lanes as everybody. */
import { idsIn, modeRefusal } from '#lib/domain/by-lane.ts';
import type { Refusal } from '#lib/domain/codes.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { OpRequest } from '#lib/domain/op.ts';
import type { RushResult } from '#lib/protocol/http.ts';
import { rushResult } from '#lib/protocol/rush-result.ts';
import { allocate } from './allocate.ts';
import type { AllocatingRoom, OpAnswer } from './allocate.ts';

/** How long a shopper tries again after BUSY, milliseconds. */
const PATIENCE_MS = 60_000;
/** Longest wait for the whole rush, milliseconds: the last try of the last shopper needs its answer too. */
const SETTLED_WITHIN_MS = PATIENCE_MS + 10_000;

/** Who comes: the label's middle part tells rushes apart, `op` and `inMs` are asked once for each shopper. */
export interface RushOrder {
  count: number;
  units: number;
  mode?: Mode | null;
  name: string;
  op: () => string;
  /** Milliseconds until a shopper presses. */
  inMs: () => number;
}

/**
 * Sends shoppers. `done` hears the sum of their answers when every one of them has a final one; null when some have none by the
 * end of everybody's patience; and why nobody came, where the show does not have the mode.
 */
export function rush(
  room: AllocatingRoom,
  order: RushOrder,
  done: (result: RushResult | Refusal | null) => void,
): void {
  const { count, units, mode = null, name } = order;
  const refusal = mode && modeRefusal(mode, idsIn(room.memory.facts.lanes));
  if (refusal) return done(refusal);
  const digits = String(count).length;
  const answers: OpAnswer[] = [];
  let isOver = false;
  const end = (result: RushResult | null) => {
    if (isOver) return;
    isOver = true;
    cancel();
    done(result);
  };
  const cancel = room.ports.after(SETTLED_WITHIN_MS, () => end(null));
  const settle = (answer: OpAnswer) => {
    answers.push(answer);
    if (answers.length === count) end(rushResult(answers));
  };
  for (let place = 1; place <= count; place++) {
    const label = `sim-${name}-${String(place).padStart(digits, '0')}`;
    const op = order.op();
    const shopper: OpRequest = {
      op,
      owner: label,
      label,
      role: 'presenter',
      units,
      epoch: null,
      mode,
      sim: true,
    };
    const inMs = order.inMs();
    if (inMs > 0) room.ports.after(inMs, () => allocatePatiently(room, shopper, settle));
    else allocatePatiently(room, shopper, settle);
  }
}

/** Allocates, and tries again after the `retryAfterMs` of a BUSY, as a client would. */
function allocatePatiently(
  room: AllocatingRoom,
  shopper: OpRequest,
  settle: (answer: OpAnswer) => void,
): void {
  const giveUpAtMs = room.commits.steady() + PATIENCE_MS;
  const press = () =>
    allocate(room, shopper, 'call', (answer) => {
      const waitMs = room.commits.steady() < giveUpAtMs ? busyFor(answer) : null;
      if (waitMs === null) settle(answer);
      else room.ports.after(waitMs, press);
    });
  press();
}

/** Milliseconds after which a busy room takes the op; null for any other answer. */
export function busyFor(answer: OpAnswer): number | null {
  const isBusy = answer.kind === 'nack' && answer.refusal.code === 'BUSY';
  return isBusy ? (answer.refusal.retryAfterMs ?? 0) : null;
}
