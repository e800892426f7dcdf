/**
 * An open-loop load: taps are made whether or not the ones before were answered, as an audience does, at random moments of
 * a fixed mean rate, from a seed, by the phones in turn.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '#lib/domain/percentile.ts';
import { SEEN_INTERVAL_MS } from '#lib/protocol/limits.ts';
import { randomFrom } from '#lib/rehearsal/random.ts';
import { answersOf, sum } from '../../scripts/crowd/hammering.ts';
import type { Answer, Phone } from '../../scripts/crowd/phone.ts';
import { count } from '../../scripts/crowd/figures.ts';

/** Longest sleep before due taps are made, milliseconds. */
const LOOK_EVERY_MS = 20;

/** At which rate a crowd taps, and for how long. */
export interface Pace {
  /** Taps a second of all phones together. */
  perSecond: number;
  seconds: number;
  seed: number;
  /** Phones also tell how far they have seen, as often as the pages do. */
  saysSeen?: boolean;
  onAnswer?: (answer: Answer, phone: Phone) => void;
}

/** Result of a stretch of tapping. */
export interface Tapped {
  taps: number;
  /** Number of answers by outcome. */
  outcomes: Record<string, number>;
  /** From tap to answer, milliseconds, of every tap. */
  ms: number[];
  unanswered: number;
  /** How late this process made its taps, p99 in milliseconds: when it is large, the load generator was too slow. */
  lateMs: number;
}

/** Taps at a pace. Returns when the time is over; `unanswered` taps may still be in flight. */
export async function tapAtPace(phones: readonly Phone[], pace: Pace): Promise<Tapped> {
  const { perSecond, seconds, seed, saysSeen = false, onAnswer } = pace;
  const tapped: Tapped = { taps: 0, outcomes: {}, ms: [], unanswered: 0, lateMs: 0 };
  for (const phone of phones) {
    phone.onAnswer = (answer) => {
      onAnswer?.(answer, phone);
      if (answer.outcome === 'pending') return;
      count(tapped.outcomes, answer.outcome);
      tapped.ms.push(answer.ms);
    };
  }
  const random = randomFrom(seed);
  const meanMs = 1_000 / perSecond;
  const nextMs = (fromMs: number) => fromMs - meanMs * Math.log(1 - random());
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  const late: number[] = [];
  let seenBy = 0;
  for (let dueMs = nextMs(startMs), nowMs = startMs; nowMs < endMs; nowMs = performance.now()) {
    for (; dueMs <= nowMs; dueMs = nextMs(dueMs)) {
      const phone = phones[tapped.taps % phones.length];
      tapped.taps += 1;
      late.push(performance.now() - dueMs);
      phone?.tap();
    }
    const seenDue = saysSeen ? ((nowMs - startMs) / SEEN_INTERVAL_MS) * phones.length : 0;
    for (; seenBy < seenDue; seenBy += 1) phones[seenBy % phones.length]?.saySeen();
    await pause(Math.max(0, Math.min(dueMs - performance.now(), LOOK_EVERY_MS, endMs - nowMs)));
  }
  tapped.lateMs = percentile(late, 0.99);
  tapped.unanswered = sum(phones, ({ waiting }) => waiting.size);
  return tapped;
}

/** {@link tapAtPace}, and waits for the last answers. */
export async function tapUntilAnswered(phones: readonly Phone[], pace: Pace): Promise<Tapped> {
  const tapped = await tapAtPace(phones, pace);
  tapped.unanswered = await answersOf(phones);
  return tapped;
}
