/** A rush: many simulated shoppers at once, each with its own identity, through the same admission and lanes as everybody. */
import type { Mode } from '#lib/domain/lane.ts';
import type { OpRequest } from '#lib/domain/op.ts';
import type { RushResult } from '#lib/protocol/http.ts';
import { rushResult } from '#lib/protocol/rush-result.ts';
import { answerTo } from './allocate.ts';
import type { AllocatingRoom, OpAnswer } from './allocate.ts';

/** How long a shopper tries again after BUSY, milliseconds. */
const PATIENCE_MS = 60_000;
/** Longest wait for the whole rush, milliseconds: the last try of the last shopper needs its answer too. */
const SETTLED_WITHIN_MS = PATIENCE_MS + 10_000;

/**
 * Sends `count` shoppers at once and resolves when every one of them has a final answer; with null when some have none
 * by the end of everybody's patience.
 */
export async function rush(
  room: AllocatingRoom,
  { count, units, mode = null }: { count: number; units: number; mode?: Mode | null },
): Promise<RushResult | null> {
  // The name tells rushes apart; shoppers in one are numbered.
  const name = crypto.randomUUID().slice(0, 4);
  const digits = String(count).length;
  const shoppers = Array.from({ length: count }, (_, index): OpRequest => {
    const label = `sim-${name}-${String(index + 1).padStart(digits, '0')}`;
    const op = crypto.randomUUID();
    return { op, owner: label, label, role: 'presenter', units, epoch: null, mode, sim: true };
  });
  const all = Promise.all(shoppers.map((shopper) => allocatePatiently(room, shopper)));
  const answers = await within(SETTLED_WITHIN_MS, all);
  return answers && rushResult(answers);
}

function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ms)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Allocates, and tries again after the `retryAfterMs` of a BUSY, as a client would. */
async function allocatePatiently(room: AllocatingRoom, shopper: OpRequest): Promise<OpAnswer> {
  const giveUpAtMs = room.commits.steady() + PATIENCE_MS;
  for (;;) {
    const answer = await answerTo(room, shopper);
    const again =
      answer.kind === 'nack' && answer.refusal.code === 'BUSY' && room.commits.steady() < giveUpAtMs;
    if (!again) return answer;
    await scheduler.wait(answer.refusal.retryAfterMs ?? 0);
  }
}
