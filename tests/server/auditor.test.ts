/** The auditor of a live room: green through every honest show, red within one look where something was tampered with. */
import { resetRoom } from '#server/room/reset-calls.ts';
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import type { AuditKey } from '#lib/domain/audit-findings.ts';
import { LIVE_KEYS } from '#lib/domain/auditor.ts';
import type { EventOf } from '#lib/domain/events.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { Down, DownOf } from '#lib/protocol/down.ts';
import { parseDown } from '#lib/protocol/down.ts';
import { EVENTS_AT_ONCE } from '#server/room/auditor.ts';
import { walk } from '#server/room/log-lines.ts';
import type { Subscriber } from '#lib/room/connections.ts';
import { ROWS_AT_ONCE } from '#server/lanes/engine-rows.ts';
import { TestClient } from './support/client.ts';
import { inRoom, settled, until } from './support/inner-room.ts';
import type { Inner } from './support/inner-room.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

type Audit = DownOf<'audit'>;

const named = (key: AuditKey) => AUDIT_LINES[key][0];
const auditsOf = (messages: readonly Down[]) => messages.filter((each): each is Audit => each.t === 'audit');
const redOf = ({ checks }: Audit) => checks.filter(({ ok }) => !ok).map(({ name }) => name);
const foundAt = (audit: Audit | undefined, key: AuditKey) =>
  audit?.checks.find(({ name }) => name === named(key));

/** Something harmless that the log tells, so that the room looks at itself; waits until it has looked past it. */
async function lookAgain(show: TestShow): Promise<Audit> {
  const { stage } = show;
  const { seq } = stage;
  stage.send({ t: 'control', step: stage.state?.step === 2 ? 3 : 2 });
  await stage.until(() => stage.seq > seq);
  return lookAt(show, stage.seq);
}

/** The first look that reaches an event with nothing in flight, and the log as settled as it was. */
async function lookAt({ stage }: TestShow, seq: number): Promise<Audit> {
  const find = () => auditsOf(stage.messages).find((audit) => audit.seq >= seq && audit.settled);
  await stage.until(() => find() !== undefined);
  return find() as Audit;
}

function incidentsIn(show: TestShow): EventOf<'incident'>['body'][] {
  const events = show.stage.events.filter((event): event is EventOf<'incident'> => event.kind === 'incident');
  return events.map(({ body }) => body);
}

const orders = (sql: string, show: TestShow) => env.DB.prepare(sql).bind(show.presenter.show).run();

describe('an honest show', () => {
  it('stays green through both lanes, resets and evictions, and every look says how far it reached', async () => {
    const show = await TestShow.open({ capacity: 30 }, 'both');
    const phone = await show.phone();
    for (let round = 0; round < 3; round++) {
      await phone.buy({ units: 2 });
      await show.rush(60);
      await lookAgain(show);
      if (round === 0) await show.reset();
      if (round === 1) await show.sleep();
      await phone.until(() => phone.epoch === show.stage.epoch);
    }
    const last = await lookAgain(show);
    const audits = auditsOf(show.stage.messages);
    expect(audits.length).toBeGreaterThanOrEqual(4);
    for (const audit of audits) expect(redOf(audit), `to event ${audit.seq}`).toEqual([]);
    expect(last.checks.map(({ name }) => name)).toEqual(LIVE_KEYS.map(named));
    expect(last).toMatchObject({ epoch: 2, settled: true, inFlight: 0 });
    const written = show.stage.state?.lanes.eventual?.ops ?? 0;
    expect(written).toBeGreaterThan(0);
    expect(last.rows).toEqual({ rows: written, allocations: written, seq: last.seq });
    expect(incidentsIn(show)).toEqual([]);
    expect(await show.failedChecks()).toEqual([]);
  }, 60_000);

  it('is told to whoever comes with a presenter’s session, and to no phone', async () => {
    const show = await TestShow.open();
    const phone = await show.phone();
    const audit = await lookAgain(show);
    const second = await TestClient.connect(show.site, show.presenter);
    await second.until(() => auditsOf(second.messages).length > 0);
    expect(auditsOf(second.messages)[0]).toEqual(audit);
    expect(auditsOf(phone.messages)).toEqual([]);
  });

  it('reads each row once, however many there are', async () => {
    const show = await TestShow.open({ capacity: 5_000 }, 'eventual');
    for (let left = ROWS_AT_ONCE + 100; left > 0; left -= 300) await show.rush(300);
    const audit = await lookAgain(show);
    const written = show.stage.state?.lanes.eventual?.ops ?? 0;
    expect(written).toBeGreaterThan(ROWS_AT_ONCE);
    expect(redOf(audit)).toEqual([]);
    expect(audit.rows).toEqual({ rows: written, allocations: written, seq: audit.seq });
  }, 60_000);
});

describe.concurrent('behind the room’s back', () => {
  /** What is done to the database, and how it is undone. */
  const TAMPERINGS: [what: string, does: string, undoes: string, found: RegExp][] = [
    [
      'an order’s units are changed',
      'UPDATE orders SET units = units + 1 WHERE show = ? AND version = 2',
      'UPDATE orders SET units = units - 1 WHERE show = ? AND version = 2',
      /units is 2 in its row, 1 in the log/,
    ],
    [
      'an order is taken away',
      "UPDATE orders SET sku = 'hidden' WHERE show = ? AND version = 1",
      "UPDATE orders SET sku = 'ticket' WHERE show = ? AND version = 1",
      /op .* has no row/,
    ],
    [
      'an order is made up',
      `INSERT INTO orders SELECT show, sku, 'made-up', lane, epoch, who, units, version, version + 50, 0, 1, 0, 0
       FROM orders WHERE show = ? AND version = 1`,
      "DELETE FROM orders WHERE show = ? AND op = 'made-up'",
      /row of op made-up is not in the log/,
    ],
    [
      'the counter is changed',
      'UPDATE inventory SET allocated = allocated - 1 WHERE show = ?',
      'UPDATE inventory SET allocated = allocated + 1 WHERE show = ?',
      /the database’s counter says/,
    ],
  ];

  it.each(TAMPERINGS)(
    '%s: red with the next look, told once; green when it is undone, told once',
    async (_what, does, undoes, found) => {
      const show = await TestShow.open({ capacity: 30 }, 'eventual');
      await show.rush(5);
      expect(redOf(await lookAgain(show))).toEqual([]);

      await orders(does, show);
      const red = await lookAgain(show);
      expect(redOf(red)).toEqual([named('d1')]);
      expect(foundAt(red, 'd1')?.found).toMatch(found);
      await show.stage.until(() => incidentsIn(show).length > 0);
      await lookAgain(show);
      const { expected, found: says } = foundAt(red, 'd1') ?? {};
      expect(incidentsIn(show)).toEqual([{ check: named('d1'), state: 'red', expected, found: says }]);

      await orders(undoes, show);
      expect(redOf(await lookAgain(show))).toEqual([]);
      await show.stage.until(() => incidentsIn(show).length > 1);
      await orders(does, show);
      expect(redOf(await lookAgain(show)), 'the screens know').toEqual([named('d1')]);
      await lookAgain(show);
      expect(incidentsIn(show).map(({ state }) => state)).toEqual(['red', 'green']);
      await orders(undoes, show);
      expect((await exportLog(show.site, show.presenter.token)).events.length).toBeGreaterThan(0);
    },
    60_000,
  );

  it('a line of the log is changed while the room sleeps: the chain is red with the first look', async () => {
    const show = await TestShow.open({ capacity: 30 });
    const phone = await show.phone();
    await phone.buy();
    await lookAgain(show);
    await runInDurableObject(show.room, (_room, { storage }) => {
      storage.sql.exec(`UPDATE commits SET lines = replace(lines, '"units":1', '"units":2')`);
    });
    await evictDurableObject(show.room);
    const audit = await lookAgain(show);
    expect(redOf(audit)).toContain(named('chain'));
    await lookAgain(show);
    await show.sleep();
    await lookAgain(show);
    const told = incidentsIn(show).filter(({ check }) => check === named('chain'));
    expect(
      told.map(({ state }) => state),
      'once, whatever the room forgets',
    ).toEqual(['red']);
  }, 30_000);

  it('a counter in the room’s memory is changed: it is red, and told once with a point for telemetry', async () => {
    await inRoom({ mode: 'safe' }, async (inner) => {
      const heard = watch(inner);
      await inner.tap().first;
      ofLane(inner.room.memory.facts.lanes, 'safe').acknowledged += 1;
      ofLane(inner.room.memory.facts.lanes, 'safe').stored += 1;
      await touch(inner, heard);
      const audit = await touch(inner, heard);
      expect(redOf(audit)).toContain(named('acknowledged'));
      expect(foundAt(audit, 'acknowledged')?.found).toBe('safe: shown 2, recounted 1');
      const points = inner.points.filter(({ blobs }) => blobs?.[0] === 'incident');
      expect(points.map(({ blobs }) => blobs?.[4])).toContain(`red: ${named('acknowledged')}`);
      expect(points.length).toBe(Object.keys(inner.room.memory.facts.incidents).length);
    });
  });
});

describe.concurrent('no false alarm', () => {
  it('when the database does not answer: the recount is open, and made up for', async () => {
    await inRoom({}, async (inner) => {
      const heard = watch(inner);
      await inner.tap().first;
      await settled(inner.room);
      expect(redOf(await touch(inner, heard))).toEqual([]);
      inner.database.dark = true;
      const open = foundAt(await touch(inner, heard, 12_000), 'd1');
      expect(open).toMatchObject({ ok: true, open: true });
      expect(open?.found).toMatch(/^recount not possible since event \d+: /);
      inner.database.dark = false;
      const again = await touch(inner, heard);
      expect(foundAt(again, 'd1')).toEqual({
        name: named('d1'),
        ok: true,
        expected: AUDIT_LINES.d1[1],
        found: '1 row, 1 allocation',
      });
      expect(inner.room.memory.facts.incidents).toEqual({});
    });
  });

  it('when ops are in flight, and rows stand in the database that nobody has reported yet', async () => {
    let hold = true;
    const plan = {
      bend: (lane: Parameters<NonNullable<Parameters<typeof inRoom>[0]['bend']>>[0]) => ({
        ...lane,
        carryOut: async (...order: Parameters<typeof lane.carryOut>) => {
          const report = await lane.carryOut(...order);
          while (hold) await scheduler.wait(10);
          return report;
        },
      }),
    };
    await inRoom(plan, async (inner) => {
      const heard = watch(inner);
      void inner.tap().first;
      void inner.tap().first;
      await scheduler.wait(100);
      const moving = await touch(inner, heard);
      expect(moving).toMatchObject({ settled: false, inFlight: 2 });
      expect(redOf(moving)).toEqual([]);
      expect(foundAt(moving, 'd1')?.found).toBe('2 rows, 0 allocations, 2 not reported yet');
      hold = false;
      await settled(inner.room);
      const after = await touch(inner, heard);
      expect(after).toMatchObject({ settled: true, rows: { rows: 2, allocations: 2 } });
      expect(redOf(after)).toEqual([]);
    });
  });

  it('when a reset and new orders come between reading the rows and comparing them', async () => {
    let meanwhile: (() => Promise<void>) | null = null;
    const plan = {
      bend: (lane: Parameters<NonNullable<Parameters<typeof inRoom>[0]['bend']>>[0]) => ({
        ...lane,
        counter: async (...room: Parameters<typeof lane.counter>) => {
          const counter = await lane.counter(...room);
          const act = meanwhile;
          meanwhile = null;
          await act?.();
          return counter;
        },
      }),
    };
    await inRoom(plan, async (inner) => {
      const heard = watch(inner);
      const { room } = inner;
      await inner.tap().first;
      await settled(room);
      meanwhile = async () => {
        await inner.tap().first;
        await settled(room);
        await resetRoom(room, crypto.randomUUID(), 'host');
        await inner.tap().first;
        await settled(room);
      };
      await touch(inner, heard);
      expect(meanwhile).toBeNull();
      const after = await touch(inner, heard);
      for (const audit of auditsOf(heard)) expect(redOf(audit)).toEqual([]);
      expect(after).toMatchObject({ epoch: 2, rows: { rows: 1, allocations: 1 } });
      expect(room.memory.facts.incidents).toEqual({});
    });
  });
});

describe('what it costs', () => {
  it('is nothing while no presenter is there', async () => {
    await inRoom({}, async (inner) => {
      const phone = inner.socket('guest-1');
      await inner.tap().first;
      await settled(inner.room);
      const read = inner.room.memory.meters.counts['d1.rowRead'];
      await scheduler.wait(2_500);
      expect(inner.room.memory.meters.counts['d1.rowRead']).toBe(read);
      expect(auditsOf(phone)).toEqual([]);
      const heard = watch(inner);
      expect(redOf(await touch(inner, heard))).toEqual([]);
      expect(inner.room.memory.meters.counts['d1.rowRead']).toBeGreaterThan(read ?? 0);
    });
  });

  it('is a few rows a look, and one look for a silence', async () => {
    await inRoom({}, async (inner) => {
      const heard = watch(inner);
      for (let taps = 0; taps < 10; taps++) await inner.tap().first;
      await settled(inner.room);
      await quiet(inner, heard);
      const before = { ...inner.room.memory.meters.counts };
      const looks = auditsOf(heard).length;
      await touch(inner, heard);
      await quiet(inner, heard);
      const after = inner.room.memory.meters.counts;
      const made = auditsOf(heard).length;
      const rows = ((after['d1.rowRead'] ?? 0) - (before['d1.rowRead'] ?? 0)) / (made - looks);
      console.info(`a look at 10 orders: ${rows} rows of the database`);
      expect(rows).toBeLessThanOrEqual(12);
      await scheduler.wait(3_000);
      expect(auditsOf(heard).length, 'nothing happens, nothing is looked at').toBe(made);
    });
  });

  it('never holds the room’s thread for more than a slice of a long log', async () => {
    const taken: [number, number][] = [];
    let rests = 0;
    const reached = await walk({
      from: 40,
      to: 40 + 100_000,
      atOnce: EVENTS_AT_ONCE,
      take: (from, to) => taken.push([from, to]),
      wanted: () => true,
      rest: () => Promise.resolve(void (rests += 1)),
    });
    expect(reached).toBe(100_040);
    expect(taken.length).toBe(100_000 / EVENTS_AT_ONCE);
    expect(rests).toBe(taken.length - 1);
    expect(
      taken.every(
        ([from, to], place) => to - from <= EVENTS_AT_ONCE && from === (taken[place - 1]?.[1] ?? 40),
      ),
    ).toBe(true);
  });

  it('ends a long walk when the last presenter goes, and goes on from there', async () => {
    let left = 3;
    const take = () => undefined;
    const stopped = await walk({
      from: 0,
      to: 5_000,
      atOnce: EVENTS_AT_ONCE,
      take,
      wanted: () => left-- > 0,
      rest: () => Promise.resolve(),
    });
    expect(stopped).toBe(4 * EVENTS_AT_ONCE);
    expect(
      await walk({
        from: stopped,
        to: 5_000,
        atOnce: EVENTS_AT_ONCE,
        take,
        wanted: () => true,
        rest: () => Promise.resolve(),
      }),
    ).toBe(5_000);
  });
});

/** A presenter's screen in a room without its shell: what it hears. */
function watch({ room }: Inner): Down[] {
  const heard: Down[] = [];
  const send = (text: string) => {
    const message = parseDown(text);
    if (message) heard.push(message);
  };
  const caller = {
    sessionId: 'host',
    role: 'presenter' as const,
    label: 'host',
    expiresAt: Infinity,
    ipHash: '',
  };
  const socket = { send, close: () => undefined } as unknown as Subscriber;
  room.ports.connections.add(socket, caller, room.memory.facts.seq, Date.now());
  return heard;
}

/** Something harmless happens; the look that has seen it. */
async function touch({ room }: Inner, heard: Down[], withinMs?: number): Promise<Audit> {
  const { seq } = await room.commits.ask((tx) =>
    tx.append({ kind: 'step', body: { step: tx.memory.facts.step === 2 ? 3 : 2, by: 'host' } }),
  );
  const find = () => auditsOf(heard).find((audit) => audit.seq >= seq);
  await until(() => find() !== undefined, withinMs);
  return find() as Audit;
}

/** Waits until everything that happened was looked at, what it cost as well. */
function quiet({ room }: Inner, heard: Down[]): Promise<void> {
  return until(() => {
    const newest = heard.findLast((each) => each.t === 'frame' && each.events.length > 0);
    const isCost = newest?.t === 'frame' && newest.events.at(-1)?.kind === 'cost';
    return isCost && auditsOf(heard).at(-1)?.seq === room.memory.facts.seq;
  });
}
