/** A closed-loop load: each socket always has a fixed number of taps in flight, which finds what a room can take. */
import { randomFrom } from '#lib/rehearsal/random.ts';
import { answersOf } from '../../scripts/crowd/hammering.ts';
import type { Answer, Phone } from '../../scripts/crowd/phone.ts';
import { count } from '../../scripts/crowd/figures.ts';
import type { Use } from './processes.ts';
import { watchUse } from './processes.ts';

/** A refused tap returns up to this share of `retryAfterMs` later, at random, so that not all return in one instant. */
const COME_BACK_SPREAD = 0.5;
const SEED = 1;
const SECOND_MS = 1_000;

/** Result of one slice of load. */
export interface Slice {
  /** Counted answers a second. */
  perSecond: number;
  /** Number of counted answers. */
  counted: number;
  /** Number of answers by outcome, those after the end included. */
  outcomes: Record<string, number>;
  /** From tap to answer, milliseconds, of the counted answers. */
  ms: number[];
  /** Processor time until the end of the slice. */
  use: Use;
}

/** How sockets are kept busy. */
export interface Load {
  inFlight: number;
  durationMs: number;
  /** The outcome that counts. */
  counts: string;
  /** Process group of the host. */
  group: number;
  /** Most messages a second of one socket; further taps wait. No limit when missing. */
  atMostPerSecond?: number;
  onAnswer?: (answer: Answer, phone: Phone) => void;
  /** Called after the last tap, before the last answers are waited for. */
  onEnd?: () => void;
}

/**
 * Keeps `inFlight` taps of each phone in flight for a time. A tap that was refused with `retryAfterMs` is sent again then
 * with the same id; any other answer is followed by the next tap at once.
 * @throws when a tap is never answered
 */
export async function saturate(phones: readonly Phone[], load: Load): Promise<Slice> {
  const { inFlight, durationMs, counts, group, onAnswer } = load;
  const outcomes: Record<string, number> = {};
  const ms: number[] = [];
  const endMs = performance.now() + durationMs;
  const random = randomFrom(SEED);
  const watched = watchUse(group);
  for (const phone of phones) {
    const tap = tapper(phone, endMs, load.atMostPerSecond ?? Infinity, random());
    phone.onAnswer = (answer) => {
      count(outcomes, answer.outcome);
      onAnswer?.(answer, phone);
      if (answer.outcome === counts && answer.atMs <= endMs) ms.push(answer.ms);
      if (answer.outcome === 'pending') return;
      const { op, retryAfterMs } = answer;
      if (retryAfterMs > 0) setTimeout(tap, comeBackMs(retryAfterMs, random), op);
      else tap();
    };
    for (let started = 0; started < inFlight; started += 1) tap();
  }
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  const use = watched();
  load.onEnd?.();
  const counted = ms.length;
  const unanswered = await answersOf(phones);
  if (unanswered > 0) {
    const closed = phones.filter((phone) => !phone.open);
    const codes = [...new Set(closed.map((phone) => phone.closedWith))].join(', ');
    throw new Error(
      `${unanswered} taps were never answered; ${closed.length} of ${phones.length} sockets are closed (${codes}).`,
    );
  }
  return { perSecond: counted / (durationMs / 1_000), counted, outcomes, ms, use };
}

/** When a refused tap is made again, milliseconds from its refusal on. */
export function comeBackMs(retryAfterMs: number, random: () => number): number {
  return retryAfterMs * (1 + COME_BACK_SPREAD * random());
}

/**
 * Makes a function that taps now, or as soon as the phone's rate allows; after the end it does nothing.
 * @param atMostPerSecond also the burst that is allowed
 * @param phase 0 to 1, so that the phones' turns are spread over time
 */
function tapper(phone: Phone, endMs: number, atMostPerSecond: number, phase: number): (op?: string) => void {
  const apartMs = SECOND_MS / atMostPerSecond;
  let turnMs = performance.now() - SECOND_MS + apartMs * phase;
  const mayTap = () => phone.open && performance.now() < endMs;
  return function tap(op) {
    if (!mayTap()) return;
    const nowMs = performance.now();
    turnMs = Math.max(turnMs, nowMs - SECOND_MS) + apartMs;
    if (turnMs <= nowMs) phone.tap(op);
    else setTimeout(() => mayTap() && phone.tap(op), turnMs - nowMs);
  };
}
