/** What a log may say of a held room, and what gives a forger away. */
import { expect, test } from 'vitest';
import { COUNTDOWN_MS, currentHold, waitForGo } from '#lib/domain/hold.ts';
import type { EventDraft } from '#lib/domain/events.ts';
import { auditOf, wrongAt } from './support/audits.ts';
import { opNo } from './support/op.ts';
import { Log } from './support/room-facts.ts';

const held: EventDraft = { kind: 'held', body: { by: 'Host' } };
const sold = (no: number): EventDraft => ({
  kind: 'allocated',
  body: { lane: 'safe', op: opNo(no), who: 'Guest 1', units: 1 },
});
const goIn = (log: Log, ms = COUNTDOWN_MS): EventDraft => ({
  kind: 'go',
  body: { by: 'Host', goAtMs: log.nowMs + 1 + ms },
});

function later(log: Log, ms: number): void {
  for (let passed = 0; passed < ms; passed++) log.tick();
}

test('a hold waits without an end until its GO, then until the moment that the GO told', () => {
  expect(waitForGo(null, 10)).toBe(0);
  expect(waitForGo({ sinceMs: 1, goAtMs: null }, 10)).toBe(Infinity);
  expect(waitForGo({ sinceMs: 1, goAtMs: 30 }, 10)).toBe(20);
  expect(currentHold({ sinceMs: 1, goAtMs: 30 }, 29)).toEqual({ sinceMs: 1, goAtMs: 30 });
  expect(currentHold({ sinceMs: 1, goAtMs: 30 }, 30)).toBe(null);
});

test('a room that was held, opened and sold from the GO on is honest', () => {
  const log = new Log();
  log.tell(sold(1));
  log.tell(held);
  log.tell(goIn(log));
  later(log, COUNTDOWN_MS);
  log.tell(sold(2));
  log.tell(held);
  log.tell(goIn(log));
  log.tell(held);
  expect(wrongAt(auditOf(log.events), 'follows')).toBe(null);
});

test.each<[what: string, said: string, tell: (log: Log) => void]>([
  ['sold while it was held', 'sold while the room was held', (log) => log.tellAll([held, sold(1)])],
  [
    'sold in the countdown',
    'sold while the room was held',
    (log) => {
      log.tell(held);
      log.tell(goIn(log));
      log.tell(sold(1));
    },
  ],
  ['held twice', 'a room was held that is held', (log) => log.tellAll([held, held])],
  ['opened without a hold', 'a GO in a room that is not held', (log) => log.tell(goIn(log))],
  [
    'opened twice',
    'a GO in a room that is not held',
    (log) => {
      log.tell(held);
      log.tell(goIn(log));
      log.tell(goIn(log));
    },
  ],
  [
    'opened at another moment than three seconds later',
    'not 3000',
    (log) => {
      log.tell(held);
      log.tell(goIn(log, 1_000));
    },
  ],
])('a room that was %s is found out', (_what, said, tell) => {
  const log = new Log();
  tell(log);
  expect(wrongAt(auditOf(log.events), 'follows')).toContain(said);
});
