/** Words and scales of the stage's money, reset and answer scenes: true of every ledger and of every stock. */
import { describe, expect, test } from 'vitest';
import { answerLines } from '../../src/routes/stage/[code]/answer-lines.ts';
import {
  debtors,
  debtWords,
  estimateWords,
  giantAmount,
  lockState,
  moneyBar,
  sellingWords,
} from '../../src/routes/stage/[code]/scenes/money-words.ts';
import type { Selling } from '../../src/routes/stage/[code]/scenes/money-words.ts';
import { resetRows } from '../../src/routes/stage/[code]/scenes/reset-rows.ts';
import { laneState, roomState } from './support/fake-room.ts';

describe('the two giant figures', () => {
  test('are exact: the cents of a large one are smaller, never left out', () => {
    const parts = (usd: number) => [giantAmount(usd).whole, giantAmount(usd).cents];
    expect(parts(0)).toEqual(['$0.00', '']);
    expect(parts(999.99)).toEqual(['$999.99', '']);
    expect(parts(1_234_567.89)).toEqual(['$1,234,567', '.89']);
    expect(giantAmount(1_234_567.89).em).toBeGreaterThan(giantAmount(3_570.02).em);
  });

  test('have the lock between them as it is configured, and as it stands', () => {
    expect(lockState({ locked: false, limitUsd: 0 })).toEqual({ isShut: true, words: 'LOCKED' });
    expect(lockState({ locked: true, limitUsd: 0 })).toEqual({
      isShut: true,
      words: 'LOCK ENGAGED at $0.00',
    });
    expect(lockState({ locked: false, limitUsd: 5 })).toEqual({
      isShut: false,
      words: 'lets up to $5.00 through',
    });
  });

  test('are explained by parts that add up to the estimate', () => {
    const ledger = { virtualUsd: 3_570.02, exposureUsd: 3_450, loadFactor: 100_000 };
    expect(estimateWords(ledger)).toBe(
      '$3,450.00 to pay back + $120.02 platform, each tap standing for 100,000',
    );
  });
});

describe('the bar', () => {
  test('is to scale: cost, debt and threshold on one length', () => {
    const bar = moneyBar({ virtualUsd: 400, exposureUsd: 300 }, 100);
    expect(bar).toEqual({ taps: 0.25, owed: 0.75, threshold: 0.25 });
    expect(moneyBar({ virtualUsd: 25, exposureUsd: 0 }, 100)).toEqual({ taps: 0.25, owed: 0, threshold: 1 });
  });

  test('is empty, and no number is divided by nothing, where nothing was spent of a threshold of nothing', () => {
    expect(moneyBar({ virtualUsd: 0, exposureUsd: 0 }, 0)).toEqual({ taps: 0, owed: 0, threshold: 0 });
  });
});

describe('whom the shop owes', () => {
  const owed = { units: 23, people: 23, sim: 0, unitPriceUsd: 150 };

  test('are people only as far as people were counted', () => {
    expect([debtors(owed), debtWords(owed)]).toEqual([
      'You owe 23 people',
      '23 × $150, each sold what was not there',
    ]);
    expect(debtors({ ...owed, people: 1 })).toBe('You owe 1 person');
    expect(debtWords({ ...owed, people: 17 })).toBe('23 sold too many × $150');
    expect(debtors({ ...owed, people: null })).toBe('You owe');
    expect(debtors({ ...owed, units: 0, people: null })).toBe('You owe nobody');
  });
});

describe('what became of sales', () => {
  const { ledger, guardrail } = roomState();
  const words = (change: Partial<Selling>) =>
    sellingWords({
      ledger,
      guardrail: { ...guardrail, tripped: true },
      soldSince: 12,
      ended: false,
      ...change,
    })[0];

  test('is that they go on, with how many, where the guardrail warns and nothing else stops them', () => {
    expect(words({})).toBe('Sales go on: 12 since.');
    expect(words({ soldSince: null }), 'the log is on its way').toBe('Sales go on.');
    expect(words({ guardrail: { ...guardrail, tripped: true, action: 'block' } })).toBe('Sales stopped.');
    expect(words({ ledger: { ...ledger, locked: true } })).toBe('The lock refuses.');
    expect(words({ guardrail })).toBe('Not tripped yet.');
    expect(words({ ended: true })).toBe('The show is over.');
  });
});

describe('the stock of a reset', () => {
  const view = (safe: number, eventual: number) =>
    roomState({
      lanes: { safe: laneState({ acknowledged: safe }), eventual: laneState({ acknowledged: eventual }) },
    });
  const sold = (acknowledged: number) => ({ acknowledged, stored: acknowledged, simUnits: 0 });

  test('are those that sold something, before and after', () => {
    const round = { epoch: 1, lanes: { safe: sold(0), eventual: sold(123) } };
    expect(resetRows(view(0, 0), round)).toEqual([
      { lane: 'eventual', before: 123, tooMany: 23, sold: 0, left: 100 },
    ]);
    expect(resetRows(view(4, 0), round).map(({ lane, before }) => [lane, before])).toEqual([
      ['safe', 0],
      ['eventual', 123],
    ]);
  });

  test('are as they stand while nobody has reset, and the tapped one where nothing was sold', () => {
    expect(resetRows(view(0, 123), null)).toEqual([
      { lane: 'eventual', before: null, tooMany: 23, sold: 123, left: 0 },
    ]);
    expect(resetRows(view(0, 0), null)).toEqual([
      { lane: 'safe', before: null, tooMany: 0, sold: 0, left: 100 },
    ]);
  });
});

describe('an answer of the API on the stage', () => {
  const answer = {
    success: true,
    data: { room: 'K7QM2P.ticket', step: 4 },
    meta: {
      requestId: 'r-1',
      guardrailTriggered: true,
      ledger: { virtualUsd: 1.5, billingScale: 1e-9, lines: [{}, {}], none: [] },
    },
  };
  const lines = answerLines(JSON.stringify(answer)) ?? [];

  test('is the envelope as it came; what is left out says so, with how much it was', () => {
    expect(lines.map(({ text, depth }) => `${'  '.repeat(depth)}${text}`)).toEqual([
      '{',
      '  "success": true,',
      '  "data": { … 2 more },',
      '  "meta": {',
      '    "requestId": "r-1",',
      '    "guardrailTriggered": true,',
      '    "ledger": {',
      '      "virtualUsd": 1.5,',
      '      "billingScale": 1e-9,',
      '      "lines": [ … 2 more ],',
      '      "none": []',
      '    } } }',
    ]);
  });

  test('marks the two members that the guide points at, and no other', () => {
    const marked = lines.filter(({ marks }) => marks).map(({ text, marks }) => [marks, text.split(':')[0]]);
    expect(marked[0]).toEqual(['guardrailTriggered', '"guardrailTriggered"']);
    expect(new Set(marked.slice(1).map(([marks]) => marks))).toEqual(new Set(['ledger']));
    expect(marked).toHaveLength(6);
  });

  test('is a refusal, too, and nothing where something else answered', () => {
    const refused = { success: false, error: { code: 'UNAUTHORIZED', message: 'No.' }, meta: {} };
    expect(answerLines(JSON.stringify(refused))?.map(({ text }) => text)).toContain(
      '"code": "UNAUTHORIZED",',
    );
    for (const other of ['<html>', '[]', 'null', '"text"']) expect(answerLines(other)).toBeNull();
  });
});
