/** Sockets that always have as many taps under way as they may: what a room can take. */
import { answersOf, randomFrom } from '../../scripts/crowd/hammering.mjs';
import { count } from '../../scripts/crowd/samples.mjs';
import type { Answer, RawPhone } from './raw-phone.ts';
import type { Use } from './use.ts';
import { watchUse } from './use.ts';

/** How long the last answers may take, milliseconds. */
const LAST_ANSWERS_MS = 20_000;
/** Who was told to come back does not come back in the same instant as everybody else: at most so much later, as a share. */
const COME_BACK_SPREAD = 0.5;
const SEED = 1;
const SECOND_MS = 1_000;

/** What a room took in one slice of time. */
export interface Slice {
  /** Answers a second, of those that count. */
  perSecond: number;
  /** How many they were. */
  counted: number;
  /** Answers by what they said, those after the end included. */
  outcomes: Record<string, number>;
  /** From tap to answer, milliseconds, of those that count. */
  ms: number[];
  /** Until the end of the slice. */
  use: Use;
}

/** How sockets are kept busy. */
export interface Load {
  inFlight: number;
  durationMs: number;
  /** Outcome that is counted. */
  counts: string;
  /** Process group of the host. */
  group: number;
  /** Messages a second of one socket; what is above waits for its turn. No limit when missing. */
  atMostPerSecond?: number;
  onAnswer?: (answer: Answer, phone: RawPhone) => void;
  /** Called when no more taps are made, before the last answers are waited for. */
  onEnd?: () => void;
}

/**
 * Keeps `inFlight` taps of each phone under way for a time. A tap that was refused with a time to come back comes back
 * then under its own id; any other answer is followed by the next tap at once.
 * @throws when a tap is never answered
 */
export async function saturate(phones: readonly RawPhone[], load: Load): Promise<Slice> {
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
      if (retryAfterMs > 0) setTimeout(tap, retryAfterMs * (1 + COME_BACK_SPREAD * random()), op);
      else tap();
    };
    for (let started = 0; started < inFlight; started += 1) tap();
  }
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  const use = watched();
  load.onEnd?.();
  const counted = ms.length;
  const unanswered = await answersOf(phones, LAST_ANSWERS_MS);
  if (unanswered > 0) {
    const closed = phones.filter((phone) => !phone.open);
    const codes = [...new Set(closed.map((phone) => phone.closedWith))].join(', ');
    throw new Error(
      `${unanswered} taps were never answered; ${closed.length} of ${phones.length} sockets are closed (${codes}).`,
    );
  }
  return { perSecond: counted / (durationMs / 1_000), counted, outcomes, ms, use };
}

/**
 * Taps now, or when it is the phone's turn again; not after the end.
 * @param atMostPerSecond as many may also come at once
 * @param phase from 0 to 1: phones do not have their turns in the same instants
 */
function tapper(
  phone: RawPhone,
  endMs: number,
  atMostPerSecond: number,
  phase: number,
): (op?: string) => void {
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
