/** The verifier's recount is the domain's audit: what one says, the other says. */
import { expect, test } from 'vitest';
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { auditOf, rechain } from '../domain/support/audits.ts';
import { firstAllocated, firstOf, forged, without } from '../domain/support/tamper.ts';
import type { Forgery } from '../domain/support/tamper.ts';
import { playShow } from '../domain/support/show.ts';
import { exportLines } from './support/export.ts';
import { SHOW } from './support/shows.ts';
import { verified } from './support/verified.ts';

/** Lines of which the verifier says more than the audit: what was expected there, and what was found. */
const IN_OTHER_WORDS = new Set(['chain', 'dense', 'form', 'receipts']);
/** What only others can claim of a room: its state, the database's rows, clients' clocks. */
const CLAIMS = [
  'state',
  'acknowledged',
  'stored',
  'lostUnits',
  'oversellDelta',
  'ops',
  'conflicts',
  'refused',
  'work',
  'd1',
  'linearizable',
];

function expectSame(events: RoomEvent[]): void {
  const audited = new Map(auditOf(events).checks.map((check) => [check.name, check]));
  const { checks } = verified(exportLines(events));
  for (const { key, name, ok, found } of checks) {
    const audit = audited.get(name);
    if (!audit) continue;
    expect(ok, name).toBe(audit.ok);
    if (ok || !IN_OTHER_WORDS.has(key))
      expect(found.replace(/ time(s?) more/, ' more'), name).toBe(audit.found);
  }
}

test('every line of the audit that a log can answer is a check of the verifier', () => {
  const keys: string[] = verified(exportLines(SHOW.events), []).checks.map(({ key }) => key);
  const answerable = Object.keys(AUDIT_LINES).filter((key) => !CLAIMS.includes(key));
  expect(keys).toEqual(expect.arrayContaining(answerable));
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])('over an honest show (seed %i) both say the same', (seed) => {
  expectSame(playShow({ seed, steps: 600, resetEvery: 200, sku: { capacity: 20 } }).events);
});

const FORGERIES: [name: string, Forgery][] = [
  ['a hidden loss', (log) => without(log, firstOf(log, 'lost'))],
  [
    'a hidden write',
    (log) =>
      without(
        log,
        firstAllocated(log, 'eventual', (body) => (body.readAllocated ?? 0) > 2),
      ),
  ],
  ['more capacity', (log) => void Object.assign(firstOf(log, 'opened').body.sku, { capacity: 21 })],
  [
    'a hidden trip',
    (log) =>
      without(
        log,
        firstOf(log, 'guardrail', ({ body }) => body.by === 'threshold'),
      ),
  ],
  ['a forged total', (log) => void Object.assign(firstOf(log, 'cost').body, { platformUsd: 1 })],
];

test.each(FORGERIES)('over %s both say the same', (_name, forgery) => {
  expectSame(rechain(forged(SHOW.events, forgery)));
});
