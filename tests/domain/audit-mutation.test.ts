import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventKind, RoomEvent } from '#lib/domain/events.ts';
import { auditOf, claimsOf, rechain, wrongAt } from './support/audits.ts';
import { check } from './support/property.ts';
import { hasKinds, showWith } from './support/tamper.ts';

const SHOW = showWith({ steps: 500, mode: 'both', resetEvery: 250, sku: { capacity: 20 } }, (show) =>
  hasKinds(show, ['lost', 'restored', 'oversold', 'cost', 'guardrail', 'reset', 'refused', 'mode', 'step']),
);
const LOG = SHOW.events;

interface Leaf {
  holder: Record<string, unknown>;
  field: string;
}

/** Every field of an event that holds a plain value, its body's and their inner ones included. */
function leavesOf(holder: Record<string, unknown>): Leaf[] {
  return Object.entries(holder).flatMap(([field, value]) =>
    typeof value === 'object' && value !== null
      ? leavesOf(value as Record<string, unknown>)
      : [{ holder, field }],
  );
}

/** Another value of the same type, as far from the old one as `by` says. */
function mutated(value: unknown, by: number): unknown {
  if (typeof value === 'number') return value + by;
  if (typeof value === 'boolean') return !value;
  return `${String(value)}~`;
}

test('whichever single field of whichever event is changed, the chain breaks there', () => {
  check(
    fc.property(fc.nat(), fc.nat(), fc.constantFrom(1, -1, 0.5, 1_000), (whichEvent, whichField, by) => {
      const log = structuredClone(LOG);
      const event = log[whichEvent % log.length] as RoomEvent;
      const leaves = leavesOf(event);
      const { holder, field } = leaves[whichField % leaves.length] as Leaf;
      holder[field] = mutated(holder[field], by);
      const result = auditOf(log, claimsOf(SHOW));
      expect(result.ok).toBe(false);
      expect(wrongAt(result, 'chain')).toContain(`event ${event.seq} is the first wrong one`);
    }),
    400,
  );
});

/** Fields that say what happened to stock and money, by the kind of their event. */
const TELLING: Partial<Record<EventKind, readonly string[]>> = {
  allocated: ['op', 'units', 'parentVersion', 'version', 'readAllocated', 'wroteAllocated'],
  lost: ['op', 'who', 'units', 'by', 'byWho', 'parentVersion', 'version', 'storedBefore', 'storedAfter'],
  restored: ['op', 'who', 'units', 'by', 'byWho', 'parentVersion', 'version', 'storedBefore', 'storedAfter'],
  oversold: ['delta', 'by'],
  cost: [
    'virtualUsd',
    'platformUsd',
    'tapsUsd',
    'exposureUsd',
    'realUsd',
    'limitUsd',
    'billingScale',
    'loadFactor',
  ],
  reset: ['fromEpoch', 'toEpoch', 'realCarriedUsd'],
};

test('whichever telling field is forged in a log chained anew, its content gives it away', () => {
  const tellingEvents = LOG.flatMap(({ kind }, index) => (TELLING[kind] ? [index] : []));
  check(
    fc.property(fc.nat(), fc.nat(), fc.constantFrom(1, -1, 0.5, 1_000), (whichEvent, whichField, by) => {
      const log = structuredClone(LOG);
      const event = log[tellingEvents[whichEvent % tellingEvents.length] as number] as RoomEvent;
      const body = event.body as unknown as Record<string, unknown>;
      const fields = (TELLING[event.kind] ?? []).filter((field) => field in body);
      const field = fields[whichField % fields.length] as string;
      body[field] = mutated(body[field], by);
      const result = auditOf(rechain(log), claimsOf(SHOW));
      expect(wrongAt(result, 'chain')).toBeNull();
      expect(result.ok, `${event.kind}.${field}`).toBe(false);
    }),
    400,
  );
});

test('whatever a line holds, the audit answers and does not throw', () => {
  check(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 3 })), fc.nat(), (lines, where) => {
      const log = [...LOG.slice(0, 30)];
      log.splice(where % 30, 0, ...(lines as unknown as RoomEvent[]));
      expect(auditOf(log).ok).toBe(lines.length === 0);
    }),
    500,
  );
});

test('an event too deep to be written down is wrong, and nothing worse', () => {
  const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  const event = { ...LOG[1], body: JSON.parse(deep) as unknown } as RoomEvent;
  expect(wrongAt(auditOf([LOG[0] as RoomEvent, event]), 'chain')).toContain('event 2');
});
