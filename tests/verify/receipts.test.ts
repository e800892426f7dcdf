/** Receipts: what the chain alone cannot see, because it was computed anew over another history. */
import { describe, expect, test } from 'vitest';
import type { RoomEvent } from '#lib/domain/events.ts';
import { MOST_RECORDS, MOST_ROOMS, keepReceipts } from '#lib/client/receipts.ts';
import { keptReceipts } from '#lib/client/kept-receipts.ts';
import type { Down } from '#lib/protocol/down.ts';
import type { Receipts } from '#lib/verify/receipts-file.ts';
import { readReceipts, receiptsFile, receiptsOfRecords } from '#lib/verify/receipts-file.ts';
import { Scene } from '../client/support/scene.ts';
import { rechain } from '../domain/support/audits.ts';
import { opNo } from '../domain/support/op.ts';
import { firstAllocated, forged } from '../domain/support/tamper.ts';
import type { Forgery } from '../domain/support/tamper.ts';
import { exportLines } from './support/export.ts';
import { firstWrong, verified } from './support/verified.ts';

const IN_LOG = 'Receipts that clients hold stand in the log';
const IN_CHAIN = 'Hashes that clients were told stand in the chain';
const REACH = 'The log reaches as far as the receipts';

/** A browser's store and its timers, which run when the test says so. */
function browser() {
  const map = new Map<string, string>();
  let timers: (() => void)[] = [];
  return {
    store: {
      getItem: (key: string) => map.get(key) ?? null,
      setItem: (key: string, value: string) => void map.set(key, value),
      removeItem: (key: string) => void map.delete(key),
    },
    later: (run: () => void) => {
      timers.push(run);
      return () => undefined;
    },
    passTime: () => {
      const due = timers;
      timers = [];
      for (const run of due) run();
    },
    keys: () => [...map.keys()],
  };
}

/** What a room tells the owner of an op: the answer, and the frame behind it. */
function told(event: RoomEvent): Down[] {
  if (event.kind !== 'allocated') throw new Error('Only allocations are answered here.');
  const { lane, op, units } = event.body;
  const { epoch, seq, hash } = event;
  return [
    { t: 'ack', op, epoch, lanes: { [lane]: { status: 'allocated', units, seq } } },
    { t: 'frame', epoch, from: seq, seq, events: [], omitted: 0, state: {}, head: hash } as unknown as Down,
  ];
}

function inUpperCase<T extends { op: string }>(receipt: T): T {
  return { ...receipt, op: receipt.op.toUpperCase() };
}

/** A show of both lanes with a reset, and the phones of two people who were there. */
function playedShow() {
  const scene = new Scene(10, 'both');
  for (let turn = 0; turn < 4; turn++) {
    scene.atMs += 500;
    scene.safe({ who: 'amber-otter' });
    scene.race([{ who: 'amber-otter' }, { who: 'blue-heron', units: 2 }]);
  }
  scene.reset();
  scene.safe({ who: 'blue-heron' });
  scene.race([{ who: 'amber-otter' }, { who: 'blue-heron' }]);
  const phones = ['amber-otter', 'blue-heron'].map((who) => receiptsOf(scene.events, who));
  return { events: scene.events, phones };
}

function receiptsOf(events: readonly RoomEvent[], who: string): Receipts {
  const phone = browser();
  const hear = keepReceipts('K7QM2P.ticket', phone.store, phone.later);
  for (const event of events) {
    if (event.kind === 'allocated' && event.body.who === who)
      for (const message of told(event)) hear(message);
  }
  phone.passTime();
  const [kept] = keptReceipts(phone.store);
  return receiptsOfRecords(kept!);
}

describe('receipts of an honest show', () => {
  const { events, phones } = playedShow();

  test('are all found, with their results and their hashes', () => {
    const result = verified(exportLines(events), phones);
    expect(firstWrong(result)).toBe('holds');
    const told = events.filter(({ kind }) => kind === 'allocated').length;
    expect(result.receipts).toMatchObject({ told, found: told, heads: told, headsFound: told });
  });

  test('are found under a name in the other case: UUIDs are compared in one', () => {
    const loud = phones.map((phone) => ({ ...phone, receipts: phone.receipts.map(inUpperCase) }));
    const result = verified(exportLines(events), loud);
    expect(firstWrong(result)).toBe('holds');
    expect(result.receipts?.found).toBe(result.receipts?.told);
  });

  test('come back whole from the file that they were saved as', () => {
    expect(readReceipts(receiptsFile(phones[0]!))).toEqual(phones[0]);
    expect(readReceipts(`\uFEFF${receiptsFile(phones[0]!)}`)).toEqual(phones[0]);
  });

  test('of another room are not taken for this one’s', () => {
    const stray = { ...phones[0]!, show: 'ABCDEF' };
    expect(firstWrong(verified(exportLines(events), [stray]))).toBe(`line 1: ${IN_LOG}`);
  });

  test('tell of a log that ends before them', () => {
    const result = verified(exportLines(events.slice(0, -3)), phones);
    expect(firstWrong(result)).toBe(`line ${events.length - 1}: ${REACH}`);
    expect(firstWrong(verified(exportLines(events.slice(0, -3))))).toBe('holds');
  });
});

/** What a server may do that computes its whole log anew: without receipts, every check holds. */
const REWRITES: [name: string, check: string, rewrite: Forgery][] = [
  [
    'gave one person’s unit to another',
    IN_CHAIN,
    (log) => void (firstAllocated(log, 'safe').body.who = 'jade-lynx'),
  ],
  ['gave an op another name', IN_LOG, (log) => void (firstAllocated(log, 'safe').body.op = opNo(0))],
  ['took back a sale', IN_LOG, (log) => log.filter((event) => event !== firstAllocated(log, 'safe'))],
  ['moved a sale behind the next', IN_LOG, (log) => swapped(log, 1)],
  ['changed what it cost to be there', IN_CHAIN, (log) => void Object.assign(log[0]!.body, { step: 2 })],
];

describe('a server that rewrote history', () => {
  const { events, phones } = playedShow();

  test.each(REWRITES)(
    'and %s has a chain that holds, and is caught by the phones',
    (_name, check, rewrite) => {
      const lines = exportLines(rechain(forged(events, rewrite)));
      expect(firstWrong(verified(lines))).toBe('holds');
      const result = verified(lines, phones);
      expect(result.ok).toBe(false);
      expect(result.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toContain(check);
      expect(result.first?.line).toBeGreaterThan(1);
    },
  );

  test('behind the last sale is caught by somebody who only looked', () => {
    const phone = browser();
    const hear = keepReceipts('K7QM2P.ticket', phone.store, phone.later);
    const last = events.at(-1)!;
    hear({
      t: 'frame',
      epoch: 1,
      from: 1,
      seq: last.seq,
      events: [],
      omitted: 0,
      state: {},
      head: last.hash,
    } as never);
    phone.passTime();
    const spectator = receiptsOfRecords(keptReceipts(phone.store)[0]!);
    const honest = verified(exportLines(events), [spectator]);
    expect(firstWrong(honest)).toBe('holds');
    expect(honest.receipts).toEqual({ told: 0, found: 0, heads: 1, headsFound: 1, fixedTo: last.seq });
    const rewritten = rechain(
      forged(events, (log) => void (firstAllocated(log, 'safe').body.who = 'jade-lynx')),
    );
    expect(firstWrong(verified(exportLines(rewritten)))).toBe('holds');
    expect(firstWrong(verified(exportLines(rewritten), [spectator]))).toBe(
      `line ${last.seq + 1}: ${IN_CHAIN}`,
    );
  });

  test('by telling an allocation without its number is caught: nobody could look it up', () => {
    const { op } = firstAllocated([...events], 'safe').body;
    const receipt = { op, lane: 'safe', epoch: 1, status: 'allocated', units: 1 } as const;
    const told: Receipts = { show: 'K7QM2P', skuId: 'ticket', receipts: [receipt], heads: [] };
    const result = verified(exportLines(events), [told]);
    expect(result.first?.check).toBe(IN_LOG);
    expect(result.receipts).toMatchObject({ told: 1, found: 0 });
  });

  test.each(['pending', 'refused'] as const)('by telling a number with what is %s is caught', (status) => {
    const { seq, body } = firstAllocated([...events], 'eventual');
    const receipt = { op: body.op, lane: 'eventual', epoch: 1, status, units: 1, code: 'BUSY', seq } as const;
    const told: Receipts = { show: 'K7QM2P', skuId: 'ticket', receipts: [receipt], heads: [] };
    const { first } = verified(exportLines(events), [told]);
    expect(first).toMatchObject({
      check: IN_LOG,
      found: expect.stringContaining(`as ${status} with number ${seq}`),
    });
  });

  test('and sold what it told somebody was refused is caught', () => {
    const safe = firstAllocated([...events], 'safe');
    const refused: Receipts = {
      show: 'K7QM2P',
      skuId: 'ticket',
      receipts: [
        { op: safe.body.op, lane: 'safe', epoch: 1, status: 'refused', units: 0, code: 'OUT_OF_STOCK' },
      ],
      heads: [],
    };
    for (const told of [refused, { ...refused, receipts: refused.receipts.map(inUpperCase) }]) {
      expect(firstWrong(verified(exportLines(events), [told]))).toBe(`line ${safe.seq + 1}: ${IN_LOG}`);
    }
    // A busy room is asked again by the client itself, and the second answer may never have come.
    const busy = { ...refused, receipts: [{ ...refused.receipts[0]!, code: 'BUSY' as const }] };
    expect(firstWrong(verified(exportLines(events), [busy]))).toBe('holds');
  });
});

describe('what a phone keeps', () => {
  const ack = (op: string, seq: number): Down => ({
    t: 'ack',
    op,
    epoch: 1,
    lanes: { safe: { status: 'allocated', units: 1, seq } },
  });
  const frame = (seq: number): Down =>
    ({
      t: 'frame',
      epoch: 1,
      from: seq,
      seq,
      events: [],
      omitted: 0,
      state: {},
      head: 'a'.repeat(64),
    }) as unknown as Down;

  test('is bounded: the newest records of the newest rooms', () => {
    const phone = browser();
    for (let room = 0; room < MOST_ROOMS + 3; room++) {
      const hear = keepReceipts(`K7QM2P.sku${room}`, phone.store, phone.later);
      for (let op = 1; op <= (room === 10 ? MOST_RECORDS + 500 : 3); op++) hear(ack(`op-${op}`, op));
      phone.passTime();
    }
    const kept = keptReceipts(phone.store);
    expect(kept.map(({ skuId }) => skuId)).toEqual([10, 9, 8, 7, 6, 5, 4, 3].map((room) => `sku${room}`));
    expect(kept[0]!.records).toHaveLength(MOST_RECORDS);
    expect(receiptsOfRecords(kept[0]!).receipts.at(-1)?.op).toBe(`op-${MOST_RECORDS + 500}`);
    expect(phone.keys()).toHaveLength(MOST_ROOMS + 1);
  });

  test('is a hash for the answers behind which it came, and the newest of all', () => {
    const phone = browser();
    const hear = keepReceipts('K7QM2P.ticket', phone.store, phone.later);
    for (const message of [
      frame(1),
      ack('a', 5),
      frame(4),
      frame(7),
      frame(9),
      ack('b', 10),
      frame(12),
      frame(13),
      frame(15),
    ])
      hear(message);
    phone.passTime();
    const { heads } = receiptsOfRecords(keptReceipts(phone.store)[0]!);
    expect(heads.map(({ seq }) => seq)).toEqual([7, 12, 15]);
  });

  test('is the newest hash of somebody who only looked, in one record however long', () => {
    const phone = browser();
    const hear = keepReceipts('K7QM2P.ticket', phone.store, phone.later);
    for (let seq = 1; seq <= 500; seq++) {
      hear(frame(seq));
      if (seq % 50 === 0) phone.passTime();
    }
    const [kept] = keptReceipts(phone.store);
    expect(kept?.records).toHaveLength(1);
    expect(receiptsOfRecords(kept!).heads).toEqual([{ seq: 500, head: 'a'.repeat(64) }]);
  });

  test('is not written over by a shorter log, after the page was loaded anew', () => {
    const phone = browser();
    for (const seq of [90, 40]) {
      keepReceipts('K7QM2P.ticket', phone.store, phone.later)(frame(seq));
      phone.passTime();
    }
    expect(receiptsOfRecords(keptReceipts(phone.store)[0]!).heads.map(({ seq }) => seq)).toEqual([90]);
  });

  test('is two hashes of one event when two were told', () => {
    const phone = browser();
    const hear = keepReceipts('K7QM2P.ticket', phone.store, phone.later);
    hear(frame(5));
    hear({ ...frame(5), head: 'b'.repeat(64) } as Down);
    phone.passTime();
    expect(receiptsOfRecords(keptReceipts(phone.store)[0]!).heads).toHaveLength(2);
  });

  test('is not lost to a second window of the same browser', () => {
    const phone = browser();
    const windows = [1, 2].map(() => keepReceipts('K7QM2P.ticket', phone.store, phone.later));
    windows.forEach((hear, index) => hear(ack(`op-${index}`, index + 1)));
    phone.passTime();
    expect(receiptsOfRecords(keptReceipts(phone.store)[0]!).receipts).toHaveLength(2);
  });

  test('is read past what somebody wrote into it', () => {
    const records = [
      'not JSON',
      '{"op":1}',
      '{"seq":3,"head":"short"}',
      '{"op":"a","lane":"safe","epoch":1,"status":"allocated","units":1,"seq":2}',
    ];
    const { receipts, heads } = receiptsOfRecords({ show: 'K7QM2P', skuId: 'ticket', records });
    expect([receipts.length, heads.length]).toEqual([1, 0]);
  });
});

test('a file that is no JSON says so', () => {
  expect(readReceipts('receipts')).toBe('this is not a file of receipts (it is no JSON)');
});

test.each([
  '',
  '{}',
  'null',
  '[]',
  '{"format":"revenue-guard-log"}',
  '{"format":"revenue-guard-receipts","formatVersion":2}',
])('a file that holds no receipts (%s) is refused with a sentence', (text) => {
  expect(readReceipts(text)).toContain('this is not a file of receipts');
});

function swapped(log: RoomEvent[], at: number): RoomEvent[] {
  // The first sale changes places with the one before the race behind it: both stay possible.
  const first = log.findIndex(({ kind, body }) => kind === 'allocated' && body.lane === 'safe');
  const [sale] = log.splice(first, at);
  const next = log.findIndex(({ kind, body }) => kind === 'allocated' && body.lane === 'safe');
  log.splice(next, 0, sale!);
  return log;
}
