/** Tickets of a contest: one for each tap, however many lanes were asked. */
import { describe, expect, test } from 'vitest';
import { contestTickets } from '#lib/client/contest-tickets.ts';
import type { Ticket } from '#lib/client/ticket.ts';
import { TicketBook } from '#lib/client/ticket-book.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneResult, LaneResults } from '#lib/domain/lane.ts';

const ME = 'amber-otter';
const YES: LaneResult = { status: 'allocated', units: 1, seq: 11 };
const SOLD_OUT: LaneResult = { status: 'refused', code: 'OUT_OF_STOCK', units: 1 };
const BUSY: LaneResult = { status: 'refused', code: 'BUSY', units: 1 };

/** A book in which every lane of the table was asked. */
class Contest {
  readonly book = new TicketBook();
  #ops = 0;

  tap(answers: LaneResults): string {
    const op = `op-${(this.#ops += 1)}`;
    this.book.open(op, 1, LANE_IDS);
    this.book.answer(op, answers, 5);
    return op;
  }

  list(most = 12, tickets: readonly Ticket[] = this.book.list) {
    return contestTickets(tickets, LANE_IDS, most, ME);
  }
}

describe('a tap in a contest', () => {
  test('is one ticket, with what each lane said, in the order of the show', () => {
    const contest = new Contest();
    const op = contest.tap({ safe: YES, eventual: YES, 'redis-lock': SOLD_OUT, 'redis-script': BUSY });
    contest.book.fate({ t: 'fate', op, lane: 'eventual', fate: 'lost', by: 'swift-heron', units: 1 });
    const { taps, hidden } = contest.list();
    expect([taps.length, hidden]).toEqual([1, 0]);
    const [{ rows, said }] = taps as [(typeof taps)[0]];
    expect(rows.map(({ lane }) => lane)).toEqual(LANE_IDS);
    const icons = Object.fromEntries(rows.map(({ lane, icon }) => [lane, icon]));
    expect(icons).toMatchObject({
      safe: 'check',
      eventual: 'struck',
      'postgres-for-update': 'waiting',
      'redis-lock': 'none',
      'redis-script': 'none',
    });
    expect(rows.find(({ lane }) => lane === 'eventual')?.note).toBe('overwritten by swift-heron');
    expect(said).toBe('1 confirmed, 1 overwritten, 1 sold out, 1 refused, 8 on their way');
  });

  test('has each lane’s own time', () => {
    const contest = new Contest();
    contest.book.open('op', 1, LANE_IDS);
    contest.book.answer('op', { safe: YES }, 8);
    contest.book.answer('op', { safe: YES, 'postgres-for-update': YES }, 340);
    const [tap] = contest.list().taps;
    const times = Object.fromEntries(tap!.rows.map(({ lane, rttMs }) => [lane, rttMs]));
    expect(times).toMatchObject({ safe: 8, 'postgres-for-update': 340, 'redis-script': null });
  });

  test('stands with others that got nothing and were told the same, and alone when it got something', () => {
    const contest = new Contest();
    contest.tap({ ...everywhere(SOLD_OUT), safe: YES });
    for (let tap = 0; tap < 20; tap += 1) contest.tap(everywhere(SOLD_OUT));
    contest.tap(everywhere(BUSY));
    const said = contest.list().taps.map(({ said, count }) => `${said} ×${count}`);
    expect(said).toEqual(['12 refused ×1', '12 sold out ×20', '1 confirmed, 11 sold out ×1']);
  });

  test('is counted among the earlier ones when it is too old, also after a reload, where ops are mixed', () => {
    const contest = new Contest();
    for (let tap = 0; tap < 5; tap += 1) contest.tap(everywhere(YES));
    const held = contest.book.list.map(({ op, lane }, place) => ({
      op,
      lane,
      units: 1,
      // As lanes answer: every op's safe lane first, and the slowest lane of all ops last.
      seq: LANE_IDS.indexOf(lane) * 100 + place,
      fate: 'kept' as const,
      holders: 1,
    }));
    const reloaded = new TicketBook();
    reloaded.hold(held);
    const { taps, hidden } = contest.list(3, reloaded.list);
    expect([taps.length, hidden]).toEqual([3, 2]);
    for (const { rows, said } of taps) {
      expect(rows.map(({ lane }) => lane)).toEqual(LANE_IDS);
      expect(said).toBe('12 confirmed');
    }
  });
});

function everywhere(result: LaneResult): LaneResults {
  return Object.fromEntries(LANE_IDS.map((lane) => [lane, result]));
}
