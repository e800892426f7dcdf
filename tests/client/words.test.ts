import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Calm } from '#lib/components/calm.ts';
import { departureWords, entryWords } from '#lib/client/entry-words.ts';
import { price } from '#lib/components/format.ts';
import type { Connection } from '#lib/client/room-view.ts';
import type { Ticket } from '#lib/client/ticket.ts';
import { slowDownOf, ticketRows } from '#lib/client/ticket-words.ts';
import { verdictsOf } from '#lib/client/verdict.ts';
import { spoken, verdictSentences } from '#lib/components/phone/verdict-words.ts';
import {
  buttonWords,
  connectionWords,
  countdown,
  nothingWords,
  refusalWords,
  usd,
} from '#lib/client/words.ts';
import { callsWords, networkWords } from '#lib/client/network-words.ts';
import { ERROR_STATUS } from '#lib/domain/codes.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import { laneState, roomState } from './support/fake-room.ts';

const connected: Connection = { kind: 'connected' };

function ticket(op: string, change: Partial<Ticket> = {}): Ticket {
  return {
    key: `${op}:eventual`,
    op,
    lane: 'eventual',
    units: 1,
    status: { kind: 'confirmed' },
    seq: 1,
    rttMs: 18,
    holders: 1,
    ...change,
  };
}

describe('the button', () => {
  test('takes taps only while connected, and says why when it does not', () => {
    const others: Connection[] = [
      { kind: 'connecting' },
      { kind: 'reconnecting', sinceMs: 0 },
      { kind: 'offline', sinceMs: 0 },
      { kind: 'ended' },
      { kind: 'refused', code: 4403, reason: '' },
    ];
    expect(buttonWords(roomState(), connected, null).isReady).toBe(true);
    for (const connection of others) {
      const words = buttonWords(roomState(), connection, null);
      expect(words.isReady, connection.kind).toBe(false);
      expect(words.hint, connection.kind).not.toBe('');
      expect(connectionWords(connection).isGood).toBe(false);
    }
  });

  test('says since when there is no connection, and that taps do not count', () => {
    // Half a second of slack: the words read two clocks, one after the other.
    const at = new Date(2026, 10, 22, 9, 5, 7, 500).getTime();
    const sinceMs = at - Date.now() + performance.now();
    const hint = (kind: 'reconnecting' | 'offline') => buttonWords(roomState(), { kind, sinceMs }, null).hint;
    expect(hint('reconnecting')).toBe('taps do not count: trying since 09:05:07');
    expect(hint('offline')).toBe('taps do not count: gone since 09:05:07');
  });

  test('is sold out when every lane that it buys on says so, and not before', () => {
    const full = laneState({ stored: 100, acknowledged: 100 });
    const lying = laneState({ stored: 58, acknowledged: 163, oversellDelta: 63 });
    const both = roomState({ mode: 'both', lanes: { safe: full, eventual: lying } });
    expect(buttonWords(both, connected, null).isSoldOut).toBe(false);
    const safe = roomState({ mode: 'safe', lanes: { safe: full, eventual: lying } });
    expect(buttonWords(safe, connected, null)).toMatchObject({ isSoldOut: true, isReady: true });
  });

  test('promises a no that stays only where no update can be lost', () => {
    const full = laneState({ stored: 100, acknowledged: 100 });
    const hint = (mode: 'safe' | 'eventual' | 'both') =>
      buttonWords(roomState({ mode, lanes: { safe: full, eventual: full } }), connected, null).hint;
    expect(hint('safe')).toBe('tap all you like: the answer stays no');
    for (const mode of ['eventual', 'both'] as const)
      expect(hint(mode), mode).toBe('the counter says so: tap and see');
  });

  test('says to slow down in the words of the refusal, and for as long', () => {
    const refused = (retryAfterMs: number | null) =>
      ticket('a', { status: { kind: 'refused', code: 'RATE_LIMITED', message: '', retryAfterMs } });
    const told = slowDownOf([ticket('b', { status: { kind: 'waiting' } }), refused(300)]);
    const { label, hint, isReady } = buttonWords(roomState(), connected, told!.retryAfterMs);
    expect(`${label}: ${hint}`).toBe('Slow down: try again in 1 s');
    expect(isReady).toBe(true);
    expect(slowDownOf([ticket('a'), ticket('b', { status: { kind: 'soldOut' } })])).toBeNull();
  });
});

test('where there are no tickets stands what is true: to wait, to tap, or that nothing is held', () => {
  const full = laneState({ stored: 100, acknowledged: 100 });
  const words = (
    state: ReturnType<typeof roomState> | null,
    connection: Connection = connected,
    wait: number | null = null,
  ) => {
    const isOut = connection.kind === 'ended' || connection.kind === 'refused';
    return nothingWords(state, isOut, wait, buttonWords(state, connection, null, wait));
  };
  expect(words(null)).toBe('Waiting for the room.');
  expect(words(roomState())).toBe('Nothing yet. Tap the button.');
  expect(words(roomState(), connected, Infinity)).toBe('Nothing is sold before the GO.');
  expect(words(roomState({ mode: 'safe', lanes: { safe: full, eventual: full } }))).toBe('You hold nothing.');
  expect(words(roomState(), { kind: 'reconnecting', sinceMs: 0 })).toBe('You hold nothing.');
  expect(words(roomState(), { kind: 'ended' })).toBe('You hold nothing.');
  // Nobody has told this page what its owner holds.
  expect(words(null, { kind: 'ended' })).toBe('–');
});

describe('a ticket in words', () => {
  const row = (change: Partial<Ticket>) => ticketRows([ticket('a', change)], 9).rows[0]!;

  test('names who overwrote it, and stands struck through', () => {
    const lost = row({ status: { kind: 'lost', by: 'blue-heron' } });
    expect(lost).toMatchObject({ isStruck: true, icon: 'struck', note: 'overwritten by blue-heron' });
  });

  test('says so when it was its owner who raced themselves', () => {
    const own = ticketRows([ticket('a', { status: { kind: 'lost', by: 'blue-heron' } })], 9, 'blue-heron');
    expect(own.rows[0]?.note).toBe('overwritten by your own next tap');
  });

  test('that was sold more than once says how often, and not to whom: one of the orders may be its owner’s', () => {
    expect(row({ holders: 2 }).note).toBe('sold twice');
    expect(row({ holders: 3 }).note).toBe('sold 3 times');
    expect(row({ holders: 1 }).note).toBe('');
  });

  test('that came back says so', () => {
    expect(row({ status: { kind: 'restored' } })).toMatchObject({ note: 'came back', isStruck: false });
  });

  test('that was refused says that nothing was bought, whatever the reason', () => {
    for (const code of Object.keys(ERROR_STATUS) as ErrorCode[]) {
      const refused = row({ status: { kind: 'refused', code, message: '', retryAfterMs: null } });
      expect(`${refused.title} ${refused.note}`, code).toMatch(/nothing bought/i);
    }
    expect(row({ status: { kind: 'soldOut' } }).note).toBe('nothing bought');
    expect(refusalWords('RATE_LIMITED', 300)).toBe('Slow down: try again in 1 s');
  });

  test('equal refusals stand in one row with their number; what was bought is never merged or hidden by them', () => {
    const tickets = [
      ...Array.from({ length: 50 }, (_, n) => ticket(`s${n}`, { status: { kind: 'soldOut' } })),
      ticket('a'),
      ticket('b'),
      ticket('s', { status: { kind: 'soldOut' } }),
    ];
    const { rows, hidden } = ticketRows(tickets, 3);
    expect(rows.map(({ icon, count }) => [icon, count])).toEqual([
      ['none', 51],
      ['check', 1],
      ['check', 1],
    ]);
    expect(hidden).toBe(0);
    expect(ticketRows([ticket('a'), ticket('b')], 1).hidden).toBe(1);
  });
});

describe('a verdict', () => {
  const said = (tickets: Ticket[], lanes: ('safe' | 'eventual')[] = ['eventual']) =>
    spoken(
      verdictsOf(tickets, lanes).map((verdict) => ({
        lane: verdict.lane,
        sentences: verdictSentences(verdict),
      })),
    );
  const many = (n: number, change: Partial<Ticket> = {}) =>
    Array.from({ length: n }, (_, place) => ticket(`${JSON.stringify(change)}${place}`, change));
  const lost: Partial<Ticket> = { status: { kind: 'lost', by: 'blue-heron' } };

  test('says what is held and what was overwritten, in units', () => {
    expect(said([...many(8), ...many(17, lost)])).toBe('You hold 8. 17 were overwritten.');
    expect(said([ticket('a', { units: 3 }), ticket('b', lost)])).toBe('You hold 3. 1 was overwritten.');
    expect(said(many(1_204))).toBe('You hold 1,204.');
  });

  test('says that nothing is held when everything was overwritten, refused or is not known', () => {
    expect(said(many(2, lost))).toBe('You hold nothing. 2 were overwritten.');
    expect(said(many(3, { status: { kind: 'soldOut' } }))).toBe('You hold nothing. 3 × sold out');
    expect(said(many(1, { status: { kind: 'unanswered' } }))).toBe(
      'You hold nothing. 1 × no answer before the end',
    );
    const open = [...many(1, { status: { kind: 'waiting' } }), ...many(1, { status: { kind: 'pending' } })];
    expect(said(open)).toBe('You hold nothing. 2 on their way');
  });

  test('counts what came back as held, and among what is held what was sold more than once', () => {
    const tickets = [ticket('a', { status: { kind: 'restored' } }), ticket('b', { holders: 3 })];
    expect(said(tickets)).toBe('You hold 2. 1 sold more than once.');
    // Two who read the same number were both promised it; only one of them still has it.
    expect(said([ticket('a', { ...lost, holders: 2 })])).toBe('You hold nothing. 1 was overwritten.');
  });

  test('is one for each lane: those that are tapped, and those that were', () => {
    const safe = ticket('a', { lane: 'safe' });
    expect(said([safe, ticket('b', lost)], ['safe', 'eventual'])).toBe(
      'safe: You hold 1. eventual: You hold nothing. 1 was overwritten.',
    );
    expect(said([safe], ['eventual'])).toBe('eventual: You hold nothing. safe: You hold 1.');
    expect(said([safe], ['safe'])).toBe('You hold 1.');
  });
});

describe('what stands in the way', () => {
  const failure = (code: Parameters<typeof entryWords>[0]['code'], retryAfterMs: number | null = null) =>
    entryWords({ ok: false, code, message: 'No.', retryAfterMs, status: 400 }, 'K7QM2P');

  test('a wrong code, an ended show, a full one, no network and too many tries each have words of their own', () => {
    const codes = ['UNKNOWN_SHOW', 'SHOW_ENDED', 'SHOW_FULL', 'OFFLINE', 'RATE_LIMITED'] as const;
    expect(new Set(codes.map((code) => failure(code).title)).size).toBe(codes.length);
    expect(failure('UNKNOWN_SHOW').title).toContain('K7Q M2P');
    expect(failure('RATE_LIMITED', 42_000).text).toContain('42 seconds');
  });

  test('whoever is not known is told why, and nobody that they were away for long', () => {
    const text = (why: 'cookies' | 'left' | null) => {
      const words = departureWords({ kind: 'refused', code: 4401, reason: '' }, 'K7QM2P', why)!;
      return `${words.title} ${words.text}`;
    };
    expect(text('cookies')).toMatch(/keeps no cookies.*nothing was bought.*Allow cookies/);
    expect(text('left')).toMatch(/left the show.*another tab.*stays bought/);
    for (const why of ['cookies', 'left', null] as const) expect(text(why)).not.toContain('away for long');
  });

  test('what answers in the show’s place is named for what it is, with what to do', () => {
    const words = (status: number) =>
      entryWords({ ok: false, code: 'NOT_UNDERSTOOD', message: '', retryAfterMs: null, status }, 'K7QM2P');
    for (const status of [0, 200, 302]) {
      expect(words(status).text).toMatch(/sign-in page of a Wi-Fi.*Nothing was bought.*mobile data/);
    }
    expect(words(502).text).toMatch(/status 502.*Nothing was bought/);
    expect(networkWords({ is: 'blocked' })).toMatch(/WebSocket.*mobile data/);
    expect(networkWords({ is: 'portal' })).toMatch(/Sign in there/);
    expect(networkWords({ is: 'between', status: 407 })).toMatch(
      /sign-in first \(status 407\).*Sign in there/,
    );
    expect(networkWords({ is: 'between', status: 502 })).toMatch(/status 502.*tried again by itself/);
    expect(networkWords({ is: 'room' })).toMatch(/The show answers.*tried again by itself/);
    expect(networkWords(null)).toBe('');
  });

  test('a phone that goes by calls is told what that means, and what does not go that way', () => {
    expect(callsWords()).toMatch(
      /^This network blocks live connections: your taps are sent one by one; figures are up to 2 s old\./,
    );
    expect(callsWords()).toMatch(/Guesses and practice taps are not sent.*receipts.*mobile data/);
  });

  test('a phone that is coming back by itself is not told to do anything', () => {
    expect(departureWords({ kind: 'reconnecting', sinceMs: 0 }, 'K7QM2P', null)).toBeNull();
    expect(departureWords({ kind: 'ended' }, 'K7QM2P', null)?.canRetry).toBe(false);
    expect(departureWords({ kind: 'refused', code: 0, reason: '' }, 'K7QM2P', null)?.text).toContain(
      'reload',
    );
  });
});

test('figures are written as people write them', () => {
  expect([usd(150), usd(24.5), usd(9_450)]).toEqual(['$150', '$24.50', '$9,450']);
  // Shows of earlier versions may have such a price: what is owed is a multiple of all of it.
  expect([usd(33.333), price(33.333), price(33.3), price(150)]).toEqual([
    '$33.333',
    '$33.333',
    '$33.30',
    '$150',
  ]);
  expect([countdown(872_000), countdown(1), countdown(-5)]).toEqual(['14:32', '0:01', '0:00']);
});

test('a burst of news is one sentence, the newest, and the same sentence is not said twice', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const announcer = new Calm(2_500);
  for (const sentence of ['one', 'two', 'three']) announcer.say(sentence);
  expect(announcer.current).toBe('one');
  vi.advanceTimersByTime(2_499);
  expect(announcer.current).toBe('one');
  vi.advanceTimersByTime(1);
  expect(announcer.current).toBe('three');
  announcer.say('three');
  vi.advanceTimersByTime(10_000);
  expect(announcer.current).toBe('three');
  expect(vi.getTimerCount()).toBe(0);
});
