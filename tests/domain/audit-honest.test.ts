import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import { emptyFacts } from '#lib/domain/facts.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { apply } from '#lib/domain/reduce.ts';
import { auditOf, claimsOf, wrongAt, wrongLines } from './support/audits.ts';
import { check, SEED } from './support/property.ts';
import { playShow } from './support/show.ts';
import type { ShowPlan } from './support/show.ts';

const plans: fc.Arbitrary<ShowPlan> = fc.record({
  seed: fc.integer(),
  steps: fc.integer({ min: 0, max: 400 }),
  sku: fc.record({
    capacity: fc.constantFrom(1, 5, 20, 100),
    unitPrice: fc.constantFrom(0, 0.1, 19.99, 189, 1_000_000),
  }),
  config: fc.constantFrom(
    {},
    { virtualCostThreshold: 0 },
    { virtualCostThreshold: 1_000, guardrailAction: 'block' as const },
    { billingScale: 1 },
    { billingScale: 1, demoCostLimit: 25 },
    { billingScale: 0.001, demoCostLimit: 0.035 },
    { virtualLoadFactor: 0.5, virtualCostThreshold: 0.000_01 },
  ),
});

test('the audit of every honest show is green, with all that can be claimed beside it', () => {
  const seen = { lost: 0, restored: 0, oversold: 0, guardrail: 0, locked: 0, reset: 0 };
  check(
    fc.property(plans, (plan) => {
      const show = playShow(plan);
      for (const { kind } of show.events) if (kind in seen) seen[kind as keyof typeof seen] += 1;
      const result = auditOf(show.events, claimsOf(show));
      expect(wrongLines(result)).toEqual([]);
      expect(result.ok).toBe(true);
    }),
    400,
  );
  // A show in which nothing went wrong would prove nothing of the lines that look for it.
  for (const [kind, times] of Object.entries(seen)) expect(times, kind).toBeGreaterThan(10);
});

test('every prefix of an honest log that ends between two turns is green', () => {
  const { events } = playShow({ seed: SEED, steps: 600, mode: 'both', sku: { capacity: 20 } });
  // A trip may be told by the commit whose sale crossed the threshold by its exposure alone, behind the refusals of that commit.
  const told = new Set(['lost', 'restored', 'oversold', 'refused', 'guardrail']);
  for (let length = 1; length <= events.length; length += 7) {
    while (told.has(events[length]?.kind ?? '')) length += 1;
    expect(wrongLines(auditOf(events.slice(0, length)))).toEqual([]);
  }
});

test('every line is always there, in the same order, also for a log of one event', () => {
  const show = playShow({ seed: SEED, steps: 0, mode: 'safe' });
  const names = Object.values(AUDIT_LINES).map(([name]) => name);
  expect(auditOf(show.events).checks.map(({ name }) => name)).toEqual(names);
  expect(auditOf([]).checks.map(({ name }) => name)).toEqual(names);
  expect(new Set(names).size).toBe(names.length);
  for (const { found, expected } of auditOf(show.events).checks) {
    expect(found).not.toBe('');
    expect(expected).not.toBe('');
  }
});

test('a log without an opening is not green', () => {
  expect(wrongAt(auditOf([]), 'epochs')).toBe('the room was never opened');
});

test('the audit and the reducer come to the same counters by different ways', () => {
  const show = playShow({ seed: SEED, steps: 2_000, mode: 'both', resetEvery: 0, sku: { capacity: 60 } });
  const facts = emptyFacts();
  for (const event of show.events) apply(facts, event);
  const [safe, eventual] = [ofLane(facts.lanes, 'safe'), ofLane(facts.lanes, 'eventual')];
  const found = (key: keyof typeof AUDIT_LINES) =>
    auditOf(show.events, claimsOf(show)).checks.find(({ name }) => name === AUDIT_LINES[key][0])?.found;
  expect(found('acknowledged')).toBe(`safe ${safe.acknowledged}, eventual ${eventual.acknowledged}`);
  expect(found('stored')).toBe(`safe ${safe.stored}, eventual ${eventual.stored}`);
  expect(found('conflicts')).toBe(`safe 0, eventual ${eventual.conflicts}`);
  expect(eventual.lostByLineage).toBe(eventual.acknowledged - eventual.stored);
  expect(eventual.lostByLineage).toBeGreaterThan(0);
});

test('the audit of 100,000 events is green, and says how long it took', () => {
  const show = playShow({
    seed: SEED,
    steps: 350_000,
    mode: 'both',
    sku: { capacity: 50_000 },
    resetEvery: 60_000,
  });
  const startMs = performance.now();
  const result = auditOf(show.events, claimsOf(show));
  console.info(`audit of ${show.events.length} events: ${Math.round(performance.now() - startMs)} ms`);
  expect(show.events.length).toBeGreaterThan(100_000);
  expect(wrongLines(result)).toEqual([]);
});
