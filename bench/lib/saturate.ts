/** Sockets that always have as many taps under way as they may: what a room can take. */
import type { Phone } from '../../scripts/crowd/phone.mjs';
import { answersOf } from '../../scripts/crowd/hammering.mjs';
import { count } from '../../scripts/crowd/samples.mjs';

/** How long the last answers may take, milliseconds. */
const LAST_ANSWERS_MS = 20_000;

/** What a room took in one slice of time. */
export interface Slice {
  /** Answers a second, of those that count. */
  perSecond: number;
  /** Answers by what they said. */
  outcomes: Record<string, number>;
  /** From tap to answer, milliseconds. */
  ms: number[];
  /** Share of one core that this process used. */
  loadCpu: number;
}

/**
 * Keeps `inFlight` taps of each phone under way for a time. A tap that was refused with a time to come back comes back
 * then; any other answer is followed by the next tap at once.
 * @param counts outcome that is counted in `perSecond`
 */
export async function saturate(
  phones: readonly Phone[],
  { inFlight, durationMs, counts }: { inFlight: number; durationMs: number; counts: string },
): Promise<Slice> {
  const outcomes: Record<string, number> = {};
  const ms: number[] = [];
  const startMs = performance.now();
  const endMs = startMs + durationMs;
  const cpuBefore = process.cpuUsage();
  let counted = 0;
  for (const phone of phones) {
    const again = () => {
      if (phone.open && performance.now() < endMs) phone.tap();
    };
    phone.onAnswer = (answer) => {
      count(outcomes, answer.outcome);
      if (answer.outcome === counts && answer.atMs <= endMs) {
        counted += 1;
        ms.push(answer.ms);
      }
      if (answer.outcome === 'pending') return;
      if (answer.retryAfterMs > 0) setTimeout(again, answer.retryAfterMs);
      else again();
    };
    for (let tap = 0; tap < inFlight; tap += 1) phone.tap();
  }
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  const cpu = process.cpuUsage(cpuBefore);
  const unanswered = await answersOf(phones, LAST_ANSWERS_MS);
  if (unanswered > 0) {
    const closed = phones.filter((phone) => !phone.open).length;
    throw new Error(
      `${unanswered} taps were never answered; ${closed} of ${phones.length} sockets are closed.`,
    );
  }
  return {
    perSecond: counted / (durationMs / 1_000),
    outcomes,
    ms,
    loadCpu: (cpu.user + cpu.system) / 1_000 / durationMs,
  };
}
