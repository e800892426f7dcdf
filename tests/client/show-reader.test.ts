/** The show behind a stage is read while somebody looks, sooner while something happens, and never after its end. */
import { expect, test } from 'vitest';
import { RoomTotals } from '#lib/summary/room-totals.ts';
import type { RoomSummary } from '#lib/summary/show-summary.ts';
import { LATEST_MS, ShowReader, SOON_MS } from '../../src/routes/stage/[code]/scenes/show-reader.ts';
import type { FetchedShow } from '../../src/routes/guide/fetch-show.ts';
import { CLOSING, turned } from '../../src/routes/stage/[code]/scenes/closing.ts';
import { Log } from '../domain/support/room-facts.ts';
import { FakeTime } from './support/fake-time.ts';

const NO_LATENCY = { n: 0, p50: null, p95: null, p99: null };

/** A show that is read by hand. */
function reading() {
  const time = new FakeTime();
  const log = new Log();
  let status: 'live' | 'ended' = 'live';
  let refused = '';
  let times = 0;
  const rooms = (): RoomSummary[] => {
    const totals = new RoomTotals();
    for (const event of log.events) totals.take(event);
    const money = { realUsd: 0, limitUsd: 0, locked: false };
    const latency = { safe: NO_LATENCY, eventual: NO_LATENCY };
    return [totals.summary({ latency, mostPhones: 0, inFlight: 0, money })];
  };
  const fetch = (): Promise<FetchedShow> => {
    times += 1;
    const summary = { show: 'K7QM2P', status, asOfMs: times, rooms: rooms() };
    return Promise.resolve(
      refused ? { ok: false, sentence: refused } : { ok: true, show: { summary, kept: null } },
    );
  };
  const reader = new ShowReader(fetch, time.later);
  return {
    reader,
    time,
    times: () => times,
    end: () => (status = 'ended'),
    refuse: (sentence: string) => (refused = sentence),
    sells: () =>
      log.tell({
        kind: 'allocated',
        body: { lane: 'safe', op: String(log.events.length), who: 'a', units: 1 },
      }),
    /** Time passes, and what was asked is answered. */
    async pass(ms: number) {
      time.pass(ms);
      for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    },
  };
}

test('reads at once, and never again when nobody looks any more', async () => {
  const show = reading();
  const leave = show.reader.watch();
  await show.pass(0);
  expect(show.reader.show?.summary.asOfMs).toBe(1);
  leave();
  leave();
  await show.pass(10 * LATEST_MS);
  expect(show.times()).toBe(1);
  expect(show.time.isBusy).toBe(false);
});

test('asks a quiet show ever less often, and one that sells every few seconds', async () => {
  const show = reading();
  show.reader.watch();
  await show.pass(0);
  await show.pass(SOON_MS);
  expect(show.times()).toBe(2);
  await show.pass(SOON_MS);
  expect(show.times(), 'nothing had happened: it waits longer').toBe(2);
  await show.pass(SOON_MS);
  expect(show.times()).toBe(3);
  for (let reads = 0; reads < 5; reads += 1) await show.pass(LATEST_MS);
  const quiet = show.times();
  await show.pass(LATEST_MS - 1);
  expect(show.times(), 'never more than once a minute').toBe(quiet);
  show.sells();
  await show.pass(1);
  expect(show.times()).toBe(quiet + 1);
  await show.pass(SOON_MS);
  expect(show.times(), 'it sold: soon again').toBe(quiet + 2);
});

test('reads soon when the room on screen moves', async () => {
  const show = reading();
  show.reader.watch();
  for (let reads = 0; reads < 8; reads += 1) await show.pass(LATEST_MS);
  const before = show.times();
  show.reader.moved();
  await show.pass(SOON_MS);
  expect(show.times()).toBe(before + 1);
});

test('keeps what it read when it cannot be read again, and says why', async () => {
  const show = reading();
  show.reader.watch();
  await show.pass(0);
  show.refuse('No answer came.');
  await show.pass(SOON_MS);
  expect(show.reader.show?.summary.asOfMs).toBe(1);
  expect(show.reader.problem).toBe('No answer came.');
});

test('an ended show is read once', async () => {
  const show = reading();
  show.end();
  show.reader.watch();
  await show.pass(0);
  await show.pass(10 * LATEST_MS);
  expect(show.times()).toBe(1);
});

test('the key turns through every page behind the verdict and comes back to it', () => {
  const seen = [turned(null)];
  for (let page = seen[0]; page; page = turned(page)) seen.push(turned(page));
  expect(seen).toEqual([...CLOSING, null]);
});
