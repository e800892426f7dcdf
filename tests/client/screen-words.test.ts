/** Sentences of the presenter's screens that hold a figure: each is true in whatever state the room is. */
import { describe, expect, test } from 'vitest';
import { reachOf, verdictOf } from '#lib/components/auditor/audit-words.ts';
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import type { AuditReport } from '#lib/domain/auditor.ts';
import type { RushResult } from '#lib/protocol/http.ts';
import { rushResult } from '#lib/protocol/rush-result.ts';
import { crowdLines, turnedAwayBefore, wasHeldBack } from '../../src/routes/control/[code]/crowd-words.ts';
import { stageSummary } from '../../src/routes/stage/[code]/stage-summary.ts';
import { lockWords, saleWords, stoppedWords, tripWords } from '#lib/components/guardrail-words.ts';
import { laneState, roomState } from './support/fake-room.ts';

describe('the audit\u2019s rows', () => {
  const report = (rows: number, allocations: number, ok: boolean, inFlight: number): AuditReport => ({
    epoch: 1,
    seq: 300,
    settled: inFlight === 0,
    inFlight,
    rows: { rows, allocations, seq: 300 },
    checks: [{ name: AUDIT_LINES.d1[0], ok, expected: '', found: '' }],
  });

  test('that the log does not have yet contradict nothing while they are on their way', () => {
    const moving = report(268, 235, true, 33);
    expect(verdictOf(moving)).toBe('1 of 1 hold');
    expect(reachOf(moving)).toEqual([
      '33 in flight',
      'to event 300',
      'the eventual lane\u2019s rows 268, 235 of them in the log so far',
    ]);
  });

  test('are equal to the log once settled, or said to be wrong', () => {
    expect(reachOf(report(268, 268, true, 0)).at(-1)).toBe('the eventual lane\u2019s rows 268 = 268');
    expect(reachOf(report(268, 235, false, 0)).at(-1)).toBe('the eventual lane\u2019s rows 268 \u2260 235');
  });
});

describe('what became of a crowd', () => {
  const got = { status: 'allocated', units: 1, seq: 1 } as const;
  const none = { status: 'refused', code: 'OUT_OF_STOCK', units: 1 } as const;

  test('is told of each lane by itself where both were asked', () => {
    const result = rushResult([
      { lanes: { safe: got, eventual: got } },
      { lanes: { safe: none, eventual: got } },
      { lanes: { safe: none, eventual: none } },
      { refusal: { code: 'BUSY' } },
    ]);
    expect(result).toEqual({
      requested: 4,
      allocated: 2,
      refused: 2,
      byCode: { OUT_OF_STOCK: 1, BUSY: 1 },
      lanes: {
        safe: { allocated: 1, refused: 2, byCode: { OUT_OF_STOCK: 2 } },
        eventual: { allocated: 2, refused: 1, byCode: { OUT_OF_STOCK: 1 } },
      },
    } satisfies RushResult);
    expect(crowdLines(result)).toEqual([
      { lane: 'safe', allocated: 1, asked: 3, refused: 2, reasons: '2 told: sold out' },
      { lane: 'eventual', allocated: 2, asked: 3, refused: 1, reasons: '1 told: sold out' },
    ]);
    expect(turnedAwayBefore(result)).toBe(1);
  });

  test('is one line where one lane was asked, with every reason', () => {
    const result = rushResult([
      { lanes: { safe: got } },
      { lanes: { safe: none } },
      { refusal: { code: 'BUSY' } },
    ]);
    expect(result.lanes).toBeUndefined();
    expect(crowdLines(result)).toEqual([
      { lane: '', allocated: 1, asked: 3, refused: 2, reasons: '1 told: sold out, 1 told: busy' },
    ]);
    expect(turnedAwayBefore(result)).toBe(0);
  });
});

test('a crowd that came to a held room is told apart from one of which some were refused', () => {
  const held = { refusal: { code: 'HELD' as const } };
  const served = { lanes: { safe: { status: 'allocated' as const, units: 1, seq: 2 } } };
  expect(wasHeldBack(rushResult([held, held]))).toBe(true);
  expect(wasHeldBack(rushResult([held, served]))).toBe(false);
  expect(wasHeldBack(rushResult([served]))).toBe(false);
});

test('a held room is read aloud as one', () => {
  const hold = { sinceMs: 1, goAtMs: null };
  expect(stageSummary(roomState({ hold }), false)).toContain('Held: nothing is sold before the GO.');
  expect(stageSummary(roomState({ hold }), true)).not.toContain('Held');
});

test('nobody is said to be in once the show is over', () => {
  const view = roomState({ people: { phones: 3, stages: 1, practice: 0 } });
  expect(stageSummary(view, false)).toMatch(/^3 phones in\./);
  expect(stageSummary(view, true)).toMatch(/^The show is over\./);
});

test('a tripped guardrail says by what, and “past” only of a cost that is more than its threshold', () => {
  const threshold = { by: 'threshold', thresholdUsd: 100 } as const;
  expect(tripWords(threshold, 100.01)).toBe('Guardrail: past $100.');
  expect(tripWords(threshold, 100)).toBe('Guardrail: at $100.');
  expect(tripWords({ by: 'presenter', thresholdUsd: 100 }, 12)).toBe(
    'Guardrail: tripped by the presenter’s hand.',
  );
});

describe('sales behind a tripped guardrail', () => {
  const ledger = (locked: boolean) => ({ ...roomState().ledger, locked });

  test('go on, unless it blocks or the lock has refused a charge', () => {
    expect(saleWords({ action: 'warn' }, ledger(false))).toBe('It warns: sales go on.');
    expect(saleWords({ action: 'warn' }, ledger(true))).toBe(
      'It only warns. The lock refuses what would pass $0.00.',
    );
    for (const locked of [false, true]) {
      expect(saleWords({ action: 'block' }, ledger(locked))).toBe('It blocks: sales are refused.');
    }
    expect(lockWords({ limitUsd: 1.5 })).toBe('The lock refuses what would pass $1.50.');
  });

  test('that lock and guardrail refused are counted beside the lane, and read aloud', () => {
    const lane = laneState({ refused: { REAL_BUDGET_EXCEEDED: 1_240, GUARDRAIL_BLOCKED: 3, BUSY: 9 } });
    expect(stoppedWords(lane)).toEqual([
      { figure: '1,240', words: 'refused by the lock' },
      { figure: '3', words: 'refused by the guardrail' },
    ]);
    expect(stoppedWords(laneState({ refused: { OUT_OF_STOCK: 5 } }))).toEqual([]);
    const view = roomState({ lanes: { safe: lane, eventual: laneState() } });
    expect(stageSummary(view, false)).toContain(
      'sold, 1,240 refused by the lock, 3 refused by the guardrail.',
    );
  });
});
