/** The rehearsal keeps the promises of the live show: the same rules, over a room in memory. */
import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import fc from 'fast-check';
import type { Mode } from '#lib/domain/lane.ts';
import { modesOf } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import { readHeader } from '#lib/verify/header.ts';
import { sha256Hex } from '#lib/rehearsal/sha256.ts';
import { begin, eventsOf, call, play, room, SKU, TestScreen } from './support/rehearsal.ts';

// Whole shows are played here, and the machine may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

describe('the hash', () => {
  it('is SHA-256, at every length around a block and in any script', () => {
    for (let length = 0; length < 200; length += 1) {
      const text = 'ü€😀a'.repeat(length).slice(0, length);
      expect(sha256Hex(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
        expect(sha256Hex(text)).toBe(createHash('sha256').update(text).digest('hex'));
      }),
    );
  });
});

describe('the safe lane of a rehearsal', () => {
  it('sells exactly what exists to a crowd that wants five times as much', () => {
    const show = begin();
    play(show, 'safe', { shoppers: 50, seconds: 20 });
    const { safe, eventual } = room(show).core.state().lanes;
    expect(safe).toMatchObject({ acknowledged: 100, stored: 100, lostUnits: 0, oversellDelta: 0 });
    expect(safe?.refused.OUT_OF_STOCK ?? 0).toBeGreaterThan(100);
    expect(eventual?.ops).toBe(0);
  });
});

describe('the eventual lane of a rehearsal', () => {
  it('loses updates as soon as two shoppers race, and names every one', () => {
    const show = begin();
    play(show, 'eventual', { shoppers: 2, seconds: 60 });
    const eventual = ofLane(room(show).core.state().lanes, 'eventual');
    expect(eventual.lostUnits).toBeGreaterThan(0);
    const lost = eventsOf(show).filter(({ kind }) => kind === 'lost').length;
    const restored = eventsOf(show).filter(({ kind }) => kind === 'restored').length;
    expect(lost - restored).toBe(eventual.lostUnits);
  });

  it('loses nothing and oversells nothing with one shopper alone', () => {
    const show = begin();
    play(show, 'eventual', { shoppers: 1, seconds: 200 });
    const { eventual } = room(show).core.state().lanes;
    expect(eventual).toMatchObject({
      acknowledged: 100,
      stored: 100,
      lostUnits: 0,
      oversellDelta: 0,
      conflicts: 0,
    });
  });

  it('lets two taps of the same moment read the same shelf, and tells the one who was overwritten', () => {
    const show = begin({ mode: 'eventual' });
    const [otter, heron] = [new TestScreen(show, 'participant'), new TestScreen(show, 'participant')];
    const [mine, theirs] = [otter.tap(), heron.tap()];
    expect(room(show).core.state().lanes.eventual?.inFlight).toBe(2);
    show.schedule.advance(99);
    expect(otter.of('ack')).toEqual([]);
    show.schedule.advance(200);
    expect(otter.of('ack')[0]?.lanes.eventual).toMatchObject({ status: 'allocated', units: 1 });
    const lost = { t: 'fate', op: mine, lane: 'eventual', fate: 'lost', by: heron.session.label, units: 1 };
    const both = { units: 1, parentVersion: 0, readAllocated: 0, wroteAllocated: 1 };
    const erased = { ...both, who: otter.session.label, version: 1 };
    const by = { ...both, who: heron.session.label, version: 2 };
    expect(otter.of('fate')).toEqual([{ ...lost, duel: { erased, by, storedBefore: 1 } }]);
    expect(heron.of('claim').at(-1)).toMatchObject({ op: theirs, holders: 2 });
    expect(room(show).core.state().lanes.eventual).toMatchObject({
      acknowledged: 2,
      stored: 1,
      lostUnits: 1,
    });
  });
});

describe('a rehearsal as a whole', () => {
  it('stands up to the audit after any sequence of modes, crowds, rushes and resets', () => {
    const act = fc.record({
      mode: fc.constantFrom<Mode>(...modesOf(PAIR)),
      shoppers: fc.integer({ min: 1, max: 40 }),
      seconds: fc.integer({ min: 1, max: 8 }),
      reset: fc.boolean(),
      trip: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(act, { minLength: 1, maxLength: 5 }), fc.nat(9_999), (acts, seed) => {
        const show = begin({ seed, skus: [{ ...SKU, capacity: 30 }] });
        for (const { mode, shoppers, seconds, reset, trip } of acts) {
          play(show, mode, { shoppers, seconds, seed });
          if (trip) room(show).guardrail('trip');
          const { safe } = room(show).core.state().lanes;
          expect(safe?.acknowledged).toBeLessThanOrEqual(30);
          if (reset) room(show).reset(crypto.randomUUID(), 'presenter', () => undefined);
        }
        const broken = room(show)
          .audit()
          .checks.filter(({ ok }) => !ok);
        expect(broken).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('makes the same history of the same seed and the same taps, and another one of another seed', () => {
    const historyOf = (seed: number) => {
      const show = begin({ seed });
      const phone = new TestScreen(show, 'participant');
      room(show).control('presenter', { mode: 'both' });
      show.letIn('ticket', { seed, shoppers: 25, seconds: 10 });
      for (const atMs of [400, 900, 1_300, 5_000]) {
        show.schedule.advance(atMs);
        phone.tap();
      }
      show.schedule.advance(20_000);
      return room(show).core.memory.facts.head;
    };
    expect(historyOf(7)).toBe(historyOf(7));
    expect(historyOf(8)).not.toBe(historyOf(7));
  });

  it('makes the same history however late the clock ticks', () => {
    const historyAt = (tickMs: number) => {
      const show = begin({ mode: 'eventual' });
      show.letIn('ticket', { seed: 7, shoppers: 25, seconds: 10 });
      while (show.schedule.nowMs < 15_000) show.schedule.advance(show.schedule.nowMs + tickMs);
      return room(show).lines.filter((line) => line.includes('"allocated"')).length;
    };
    expect(historyAt(1)).toBe(historyAt(977));
  });

  it('says in the header of its log that nothing in it happened to anybody', () => {
    const show = begin();
    play(show, 'both', { shoppers: 10, seconds: 3 });
    const file = room(show).exportLog();
    const [header = '', ...lines] = file.trimEnd().split('\n');
    expect(JSON.parse(header)).toMatchObject({ simulated: true, seed: 7, format: 'revenue-guard-log' });
    expect(typeof readHeader(header)).toBe('object');
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({
      head: room(show).core.memory.facts.head,
      seq: lines.length - 1,
    });
    const sold = lines.filter((line) => line.includes('"kind":"allocated"'));
    expect(sold.length).toBeGreaterThan(0);
    expect(sold.every((line) => line.includes('"sim":true'))).toBe(true);
  });

  it('trips its guardrail by what it would have cost, and spends nothing', () => {
    const show = begin();
    play(show, 'eventual', { shoppers: 40, seconds: 15 });
    const { ledger, guardrail, lanes } = room(show).core.state();
    expect(lanes.eventual?.oversellDelta).toBeGreaterThan(0);
    expect(ledger.exposureUsd).toBe(150 * ofLane(lanes, 'eventual').oversellDelta);
    expect(guardrail).toMatchObject({ tripped: true, by: 'threshold' });
    expect(ledger).toMatchObject({ realUsd: 0, limitUsd: 0, locked: false });
  });
});

describe('a rehearsal that begins held', () => {
  it('lets its crowd practise and sells nothing before the GO, and from then on sells', () => {
    const show = begin({ held: true });
    play(show, 'safe', { shoppers: 20, seconds: 10 });
    const held = room(show).core.state();
    expect(held.hold).toMatchObject({ goAtMs: null });
    expect(held.lanes.safe).toMatchObject({ ops: 0, refused: {} });
    expect(held.people.practice).toBe(show.crowd('ticket')?.taps);
    expect(held.people.practice).toBeGreaterThan(20);
    expect(held.ledger.virtualUsd).toBe(0);
    expect(eventsOf(show).find(({ kind }) => kind === 'held')).toMatchObject({ body: { by: 'presenter' } });
    room(show).control('presenter', { go: true });
    play(show, 'safe', { shoppers: 20, seconds: 10 });
    const { hold, lanes } = room(show).core.state();
    expect([hold, (lanes.safe?.ops ?? 0) > 0]).toEqual([null, true]);
    expect(room(show).audit().ok).toBe(true);
  });
});

describe('calls to a rehearsal', () => {
  it('let a crowd in only as large and as long as it may be', () => {
    const show = begin();
    const presenter = show.join('presenter');
    for (const order of [{ shoppers: 0 }, { shoppers: 501 }, { seconds: 0 }, { seed: -1 }, { seed: 1.5 }]) {
      const body = { skuId: 'ticket', shoppers: 5, seconds: 5, seed: 1, ...order };
      expect(call(show, presenter, 'POST', '/rehearsal/crowd', body).status).toBe(400);
    }
    const body = { skuId: 'ticket', shoppers: 5, seconds: 5, seed: 1 };
    expect(call(show, presenter, 'POST', '/rehearsal/crowd', body).json.data.crowd).toMatchObject({
      running: true,
    });
    expect(room(show).core.state().people.phones).toBe(5);
    const stopped = call(show, presenter, 'POST', '/rehearsal/crowd/stop', { skuId: 'ticket' });
    expect(stopped.json.data.crowd).toMatchObject({ running: false, seed: 1 });
    expect(room(show).core.state().people.phones).toBe(0);
  });
});
