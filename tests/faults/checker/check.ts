/** All rules over one room's evidence. What it finds is for a test to find empty; the figures are for people. */
import type { Evidence, Violation } from './evidence.ts';
import { allocationsOf } from './read.ts';
import { checkCapacity } from './rules/capacity.ts';
import { checkChain } from './rules/chain.ts';
import { checkLineage } from './rules/lineage.ts';
import { checkOnce } from './rules/once.ts';
import { checkOrder } from './rules/order.ts';
import { checkState } from './rules/state.ts';
import { checkStreams } from './rules/stream.ts';
import { checkTold } from './rules/told.ts';

/** What was looked at, and what was found. */
export interface Judgement {
  violations: Violation[];
  /** Events of the log. */
  events: number;
  /** Allocations that clients were told of; of these, those that the log does not have as they were told. */
  acknowledged: number;
  lost: number;
  /** Allocations of the log that are there twice, or that nobody who could be told was told of. */
  doubled: number;
  /** Ops whose last answer was a refusal. */
  refused: number;
  /** Events and heads that were shown to clients, over all clients, each held against the log. */
  compared: number;
  /** Rows of the database that were recounted; null when none were given. */
  rows: number | null;
}

/** Holds the evidence of one room against every rule. */
export function check(evidence: Evidence): Judgement {
  const allocations = allocationsOf(evidence.log);
  const once = checkOnce(evidence, allocations);
  const told = checkTold(evidence, allocations);
  const streams = checkStreams(evidence);
  const violations = [
    ...checkChain(evidence.log),
    ...once.violations,
    ...told.violations,
    ...checkCapacity(evidence.log, allocations),
    ...checkOrder(evidence, allocations),
    ...checkLineage(evidence, allocations),
    ...streams.violations,
    ...checkState(evidence, allocations),
  ];
  return {
    violations,
    events: evidence.log.events.length,
    acknowledged: once.acknowledged,
    lost: once.lost,
    doubled: once.doubled + told.unheard,
    refused: told.refused,
    compared: streams.compared,
    rows: evidence.orders?.length ?? null,
  };
}
