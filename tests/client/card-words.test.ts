/** The cards of the script say only what is true of the room as it stands, and little enough to be read while speaking. */
import { describe, expect, it } from 'vitest';
import { STEPS } from '#lib/domain/script.ts';
import type { LaneState, RoomState } from '#lib/domain/room-state.ts';
import { cueName } from '../../src/routes/control/[code]/card.ts';
import type { Card, Here } from '../../src/routes/control/[code]/card.ts';
import { cardOf } from '../../src/routes/control/[code]/card-words.ts';
import { laneState, roomState } from './support/fake-room.ts';

const NUMBERS = Array.from({ length: STEPS }, (_, place) => place + 1);
const HELD: RoomState['hold'] = { sinceMs: 1, goAtMs: null };

function here(step: number, change: Partial<RoomState> = {}, rest: Partial<Here> = {}): Here {
  return {
    view: roomState({ step, ...change }),
    rehearsed: false,
    proof: 'debug-token',
    revenue: '',
    resetDone: false,
    ...rest,
  };
}

const textOf = ({ say, sees, teach, cues }: Card) =>
  [...say, sees, teach, ...cues.map(({ words }) => words)].join('\n');
const lane = (change: Partial<LaneState>) => laneState({ capacity: 100, ...change });
const race = (change: Partial<LaneState>) => ({ lanes: { safe: lane({}), eventual: lane(change) } });
const ledger = (change: Partial<RoomState['ledger']>) => ({ ledger: { ...roomState().ledger, ...change } });
const guardrail = (change: Partial<RoomState['guardrail']>) => ({
  guardrail: { ...roomState().guardrail, ...change },
});

/** Rooms of every kind that a card may be read in. */
const ROOMS: Partial<RoomState>[] = [
  {},
  { hold: HELD },
  {
    lanes: {
      safe: lane({
        acknowledged: 100,
        refused: { OUT_OF_STOCK: 21 },
        latency: { n: 61, p50: 14.2, p95: 31, p99: null },
      }),
    },
  },
  { lanes: { eventual: lane({ acknowledged: 123, stored: 40, oversellDelta: 23, lostUnits: 83 }) } },
  race({ acknowledged: 100_123, capacity: 100_000, stored: 40, oversellDelta: 123, lostUnits: 100_083 }),
  {
    ...race({ acknowledged: 12, stored: 9, lostUnits: 3 }),
    ...guardrail({ tripped: true, by: 'threshold' }),
  },
  guardrail({ tripped: true, by: 'presenter', action: 'block' }),
  { ...ledger({ limitUsd: 5, realUsd: 5, locked: true }), ...guardrail({ tripped: true, by: 'threshold' }) },
  ledger({ locked: true }),
];
const RESTS: Partial<Here>[] = [
  {},
  { proof: 'turnstile' },
  { proof: 'none' },
  { proof: null },
  { rehearsed: true, proof: null },
  { resetDone: true },
];
const EVERY = NUMBERS.flatMap((step) =>
  ROOMS.flatMap((room) => RESTS.map((rest) => [step, here(step, room, rest)] as const)),
);

describe('every card', () => {
  it('is short enough to be read at a glance while speaking', () => {
    for (const [, each] of EVERY) {
      const { say, sees, teach, cues } = cardOf(each);
      expect(say.length).toBeLessThanOrEqual(3);
      expect(say.join(' ').length, say.join(' ')).toBeLessThanOrEqual(170);
      expect(sees.length, sees).toBeLessThanOrEqual(130);
      expect(teach.length, teach).toBeLessThanOrEqual(200);
      expect(cues.length).toBeLessThanOrEqual(5);
      for (const { words } of cues) expect(words.length, words).toBeLessThanOrEqual(90);
    }
  });

  it('says no sentence twice, and names every moment', () => {
    for (const [, each] of EVERY) {
      const { say, cues } = cardOf(each);
      expect(new Set(say).size).toBe(say.length);
      expect(new Set(cues.map(({ words }) => words)).size).toBe(cues.length);
      for (const { kind } of cues) expect(cueName(kind)).not.toBe('');
      for (const sentence of say) expect(sentence).toMatch(/[.?!]$/);
    }
  });

  it('speaks of a check for bots only to a presenter who came past one', () => {
    for (const [, each] of EVERY) {
      expect(/check for bots|Turnstile/.test(textOf(cardOf(each)))).toBe(
        each.proof === 'turnstile' && !each.rehearsed && each.view.step === 1,
      );
    }
  });

  it('says nothing of a Durable Object, a database or a signed session in a rehearsal, which has none', () => {
    for (const [, each] of EVERY) {
      if (each.rehearsed) expect(textOf(cardOf(each))).not.toMatch(/Durable|database|session|at your desk/);
    }
  });

  it('names a zero only while real spend is zero', () => {
    for (const [, each] of EVERY) {
      if (each.view.ledger.realUsd > 0) expect(textOf(cardOf(each))).not.toMatch(/\bzero\b(?!s|\. A second)/);
    }
  });

  it('tells the next step where the show lacks the lane of this one', () => {
    const onlyEventual = cardOf(here(2, { lanes: { eventual: lane({}) } }));
    expect(onlyEventual.sees).toBe('This show does not sell on the safe lane.');
    const onlySafe = cardOf(here(3, { lanes: { safe: lane({}) } }));
    expect(onlySafe.sees).toBe('This show does not sell on the eventual lane.');
    for (const { cues } of [onlyEventual, onlySafe]) expect(cues).toEqual([]);
  });
});

describe('figures on a card are those of the room', () => {
  it('of the safe lane: what exists, what was turned away, the answer time with its count', () => {
    const safe = lane({
      acknowledged: 100,
      refused: { OUT_OF_STOCK: 21 },
      latency: { n: 61, p50: 14.2, p95: 31, p99: null },
    });
    const text = textOf(cardOf(here(2, { lanes: { safe } })));
    expect(text).toContain('100 exist, 100 are sold.');
    expect(text).toContain('21 turned away, each told so.');
    expect(text).toContain('14 ms median of 61, felt on the phones.');
    expect(textOf(cardOf(here(2)))).toContain('as soon as phones have measured one');
  });

  it('of the race: what was sold too many, what was overwritten, what is owed', () => {
    const text = textOf(cardOf(here(3, race({ acknowledged: 123, oversellDelta: 23, lostUnits: 83 }))));
    expect(text).toContain('100 exist. 123 are sold.');
    expect(text).toContain('23 sold too many, 83 overwritten.');
    expect(text).toContain('$3,450.00 owed to customers: 23 × $150.');
    expect(textOf(cardOf(here(3)))).toContain(
      'Nothing lost yet. It happens when two people read the same number.',
    );
    expect(textOf(cardOf(here(3)))).not.toContain('owed');
  });

  it('of the guardrail: by whom it tripped, and whether sales go on', () => {
    const tripped = (change: Partial<RoomState['guardrail']>) =>
      textOf(cardOf(here(4, guardrail({ tripped: true, ...change }))));
    expect(tripped({ by: 'threshold' })).toContain('It tripped by itself, at $100.');
    expect(tripped({ by: 'presenter' })).toContain('Tripped by hand');
    expect(tripped({ action: 'warn' })).toContain('It warns: sales go on.');
    const blocks = tripped({ action: 'block' });
    expect(blocks).toContain('It blocks: sales are refused.');
    expect(blocks).not.toContain('only warns');
    expect(textOf(cardOf(here(4)))).toContain('T, twice, trips it by hand.');
  });

  it('of a held room: practice at the doors, and the wait for the GO before a lane', () => {
    expect(textOf(cardOf(here(1, { hold: HELD })))).toContain('nothing is sold before the GO');
    expect(textOf(cardOf(here(1)))).not.toContain('GO');
    for (const step of [2, 3]) {
      expect(cardOf(here(step, { hold: HELD })).say[0]).toMatch(/^Wait for it\./);
      expect(cardOf(here(step)).say[0]).not.toMatch(/^Wait/);
    }
  });

  it('of what an answer time is worth: the presenter’s own estimate, or where to type it', () => {
    const estimate = 'ESTIMATE: $1,000.00 an hour';
    expect(textOf(cardOf(here(2, {}, { revenue: estimate })))).toContain(estimate);
    expect(textOf(cardOf(here(2)))).toContain('Milliseconds into money');
  });
});
