/** A rush: many simulated shoppers at once, each its own identity, through the same admission and lanes as everybody. */
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { RushResult } from '#lib/protocol/http.ts';
import type { OpAnswer } from './buying.ts';

/** Longest time that a shopper goes on trying, milliseconds. */
const PATIENCE_MS = 60_000;

/** What a rush needs of the room: a way to buy. */
export interface RushHost {
  now(): number;
  buyAs(shopper: { op: string; label: string }, order: { units: number; mode?: Mode }): Promise<OpAnswer>;
}

/** Sends `count` shoppers at once and resolves when every one of them has a final answer. */
export async function rush(
  host: RushHost,
  order: { count: number; units: number; mode?: Mode },
): Promise<RushResult> {
  // The name tells rushes apart; shoppers in one are numbered.
  const name = crypto.randomUUID().slice(0, 4);
  const digits = String(order.count).length;
  const shoppers = Array.from({ length: order.count }, (_, index) => ({
    op: crypto.randomUUID(),
    label: `sim-${name}-${String(index + 1).padStart(digits, '0')}`,
  }));
  const answers = await Promise.all(shoppers.map((shopper) => buyPatiently(host, shopper, order)));
  return summarise(order.count, answers);
}

/** One that gets BUSY tries again, when it was told to, as a client would. */
async function buyPatiently(
  host: RushHost,
  shopper: { op: string; label: string },
  order: { units: number; mode?: Mode },
): Promise<OpAnswer> {
  const giveUpAtMs = host.now() + PATIENCE_MS;
  for (;;) {
    const answer = await host.buyAs(shopper, order);
    const again = answer.kind === 'nack' && answer.refusal.code === 'BUSY' && host.now() < giveUpAtMs;
    if (!again) return answer;
    await scheduler.wait(answer.refusal.retryAfterMs ?? 0);
  }
}

function summarise(requested: number, answers: OpAnswer[]): RushResult {
  let allocated = 0;
  const byCode: Partial<Record<ErrorCode, number>> = {};
  for (const answer of answers) {
    const code = finalCode(answer);
    if (code === null) allocated += 1;
    else byCode[code] = (byCode[code] ?? 0) + 1;
  }
  return { requested, allocated, refused: requested - allocated, byCode };
}

/** Null when any lane allocated the op; else the code of the first refusal. */
function finalCode(answer: OpAnswer): ErrorCode | null {
  if (answer.kind === 'nack') return answer.refusal.code;
  const results = Object.values(answer.lanes);
  if (results.some(({ status }) => status === 'allocated')) return null;
  return results.find(({ code }) => code)?.code ?? 'STORAGE_UNAVAILABLE';
}
