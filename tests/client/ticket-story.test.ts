import { describe, expect, test } from 'vitest';
import { duelRows, duelSpanMs } from '#lib/components/race/race-layout.ts';
import { ticketHeading, ticketSentences } from '#lib/components/race/ticket-story-words.ts';
import type { TicketStory } from '#lib/domain/race-duel.ts';
import { TicketBook } from '#lib/client/ticket-book.ts';
import { ticketRows } from '#lib/client/ticket-words.ts';

const me = 'amber-otter';
const side = { who: me, units: 1, parentVersion: 7, version: 8, readAllocated: 41, wroteAllocated: 42 };
const duel = { erased: side, by: { ...side, who: 'jade-lynx', version: 9 }, storedBefore: 42 };
const op = 'op-1';
const acked = { eventual: { status: 'allocated' as const, units: 1, seq: 5 } };

/** The story that a phone has of its one ticket after these words of the room. */
function storyAfter(tell: (book: TicketBook) => void): TicketStory | null {
  const book = new TicketBook();
  book.open(op, 1, ['eventual']);
  tell(book);
  return ticketRows(book.list, 9, me).rows[0]!.story;
}

function wordsAfter(tell: (book: TicketBook) => void): string {
  const story = storyAfter(tell)!;
  return [ticketHeading(story), ...ticketSentences(story)].join(' ');
}

const lost = {
  t: 'fate' as const,
  op,
  lane: 'eventual' as const,
  fate: 'lost' as const,
  by: 'jade-lynx',
  units: 1,
};
const back = { ...lost, fate: 'restored' as const, by: 'teal-wren' };

describe('the story of a ticket', () => {
  test('names who overwrote it, with the numbers that both read and wrote', () => {
    const words = wordsAfter((book) => {
      book.answer(op, acked, 120);
      book.fate({ ...lost, duel });
    });
    expect(words).toBe(
      'Your unit was overwritten You and jade-lynx both read 41. You wrote 42, then jade-lynx wrote 42 over it. ' +
        'The counter stayed at 42: yours is not in it any more.',
    );
  });

  test('is the same when the fate came before the answer', () => {
    const early = storyAfter((book) => {
      book.fate({ ...lost, duel });
      book.answer(op, acked, 120);
    });
    expect(early).toMatchObject({ fate: 'lost', by: 'jade-lynx', duel });
  });

  test('says that it came back and by whom, and keeps what had happened', () => {
    const words = wordsAfter((book) => {
      book.answer(op, acked, 120);
      book.fate({ ...lost, duel });
      book.fate(back);
    });
    expect(words).toContain('Your unit came back');
    expect(words).toContain('jade-lynx both read 41');
    expect(words).toContain('A later write of teal-wren was built on yours, so it counts again.');
    expect(words).not.toContain('not in it any more');
  });

  test('says how many orders were promised the same unit, by its number where it is known', () => {
    const words = wordsAfter((book) => {
      book.answer(op, acked, 120);
      book.fate({ ...lost, duel });
      book.claim({ t: 'claim', op, lane: 'eventual', holders: 3 });
    });
    expect(words).toContain('3 orders were promised unit 42: sold 3 times.');
    const sold = wordsAfter((book) => {
      book.answer(op, acked, 120);
      book.claim({ t: 'claim', op, lane: 'eventual', holders: 3 });
    });
    expect(sold).toBe('Your unit was sold 3 times 3 orders were promised the same unit: sold 3 times.');
  });

  test('shows no number that was not told, and says so', () => {
    const words = wordsAfter((book) => {
      book.answer(op, acked, 120);
      book.fate(lost);
    });
    expect(words).toContain('overwritten by jade-lynx. What both read and wrote is not on this phone');
    expect(words).not.toMatch(/\d/);
  });

  test('tells people that they raced themselves, and what was not shared is not called shared', () => {
    const own = {
      ...duel,
      by: { ...duel.by, who: me, parentVersion: 6, readAllocated: 40, wroteAllocated: 41 },
    };
    const words = wordsAfter((book) => {
      book.answer(op, acked, 120);
      book.fate({ ...lost, by: me, duel: own });
    });
    expect(words).toContain(
      'You read 41 and wrote 42. Without having seen that, your own next tap read 40 and wrote 41 over it.',
    );
    expect(words).toContain('The counter went from 42 to 41: yours is not in it any more.');
  });

  test('stands on a holding after a reload, and there is none where nothing happened', () => {
    const held = { op, lane: 'eventual' as const, units: 1, seq: 5, holders: 1 };
    expect(storyAfter((book) => book.hold([{ ...held, fate: 'lost', by: 'jade-lynx', duel }]))).toMatchObject(
      { duel },
    );
    expect(storyAfter((book) => book.hold([{ ...held, fate: 'kept' }]))).toBeNull();
    expect(storyAfter(() => undefined)).toBeNull();
  });
});

describe('the picture of a duel', () => {
  test('is to scale where the times are known: the places are those of the times', () => {
    const timed = {
      ...duel,
      erased: { ...duel.erased, readAtMs: 1_000, wroteAtMs: 1_100 },
      by: { ...duel.by, readAtMs: 1_050, wroteAtMs: 1_200 },
    };
    const [erased, by] = duelRows(timed, null);
    expect(duelSpanMs(timed)).toBe(200);
    expect([erased!.readX, by!.readX, erased!.writeX, by!.writeX]).toEqual([2, 26, 50, 98]);
    expect(erased!.gone).toEqual({ x: 98, fromRow: 1 });
  });

  test('shows nothing but the order where they are not, and says no span', () => {
    const [erased, by] = duelRows(duel, null);
    expect(duelSpanMs(duel)).toBeNull();
    expect(erased!.readX).toBe(by!.readX);
    expect(erased!.writeX).toBeLessThan(by!.writeX);
    expect(
      duelRows({ ...duel, by: { ...duel.by, parentVersion: 6 } }, null).map(({ readX }) => readX),
    ).toEqual([18, 3]);
  });
});
