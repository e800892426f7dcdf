/** The auditor: a running audit that comes to what an audit from the first event comes to, and says each thing once. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Audit } from '#lib/domain/audit.ts';
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import type { AuditKey } from '#lib/domain/audit-findings.ts';
import { Auditor, incidentsOf, LIVE_KEYS } from '#lib/domain/auditor.ts';
import type { LiveCheck, RowsStanding } from '#lib/domain/auditor.ts';
import type { Write } from '#lib/domain/write.ts';
import { RowsRecount } from '#lib/domain/auditor-rows.ts';
import type { CountedRow } from '#lib/domain/auditor-rows.ts';
import { emptyFacts } from '#lib/domain/facts.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { apply } from '#lib/domain/reduce.ts';
import { auditOf, rechain, wrongLines } from './support/audits.ts';
import { check, SEED } from './support/property.ts';
import { sha256 } from './support/sha256.ts';
import { playShow } from './support/show.ts';

const NO_ROWS: RowsStanding = { newest: null, failed: false };
/** Told in the turn of the event before them: nobody looks in between. */
const FOLLOW = new Set(['lost', 'restored', 'oversold', 'guardrail', 'cost', 'refused']);

const named = (checks: readonly LiveCheck[], key: AuditKey) =>
  checks.find(({ name }) => name === AUDIT_LINES[key][0]);

describe('a running audit', () => {
  test('is green at every look between two turns, and ends where an audit from the first event ends', () => {
    let looks = 0;
    check(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), (seed, every) => {
        const show = playShow({ seed, steps: 300, mode: 'both', sku: { capacity: 20 } });
        const running = new Audit(sha256);
        for (const [index, event] of show.events.entries()) {
          running.take(event);
          if (index % every > 0 || FOLLOW.has(show.events[index + 1]?.kind ?? '')) continue;
          expect(wrongLines(running.look()), `after event ${event.seq}`).toEqual([]);
          looks += 1;
        }
        expect(running.look({ state: show.state })).toEqual(auditOf(show.events, { state: show.state }));
      }),
      60,
    );
    expect(looks).toBeGreaterThan(1_000);
  });

  test('keeps what the log has wrong, says it once, and forgets a claim that was wrong a moment ago', () => {
    const plan = { seed: 11, steps: 600, mode: 'eventual', resetEvery: 0, sku: { capacity: 5 } } as const;
    const { events, state } = playShow(plan);
    const forged = rechain(events.filter(({ kind }) => kind !== 'oversold'));
    const running = new Audit(sha256);
    for (const event of forged) running.take(event);
    const first = wrongLines(running.look());
    expect(first.length).toBeGreaterThan(0);
    expect(wrongLines(running.look())).toEqual(first);

    const honest = new Audit(sha256);
    for (const event of events) honest.take(event);
    const claim = {
      ...state,
      lanes: { ...state.lanes, safe: { ...ofLane(state.lanes, 'safe'), ops: 1_000 } },
    };
    expect(wrongLines(honest.look({ state: claim }))).toHaveLength(1);
    expect(wrongLines(honest.look({ state }))).toEqual([]);
  });
});

describe('a report', () => {
  test('has every line that a room can look at, and none that only clients can answer for', () => {
    const { events, state } = playShow({ seed: SEED, steps: 100, mode: 'both' });
    const auditor = new Auditor(sha256);
    for (const event of events) auditor.takeLine(JSON.stringify(event));
    const { checks, seq, epoch } = auditor.report(state, NO_ROWS);
    expect(checks.map(({ name }) => name)).toEqual(LIVE_KEYS.map((key) => AUDIT_LINES[key][0]));
    expect(LIVE_KEYS).not.toContain('receipts');
    expect(LIVE_KEYS).not.toContain('linearizable');
    expect({ seq, epoch }).toEqual({ seq: state.seq, epoch: state.epoch });
    expect(named(checks, 'd1')).toMatchObject({ ok: true, open: true });
  });

  test('says that the rows could not be counted again, and keeps what was found before', () => {
    const { events, state } = playShow({ seed: SEED, steps: 100, mode: 'both' });
    const auditor = new Auditor(sha256);
    for (const event of events) auditor.takeLine(JSON.stringify(event));
    const figure = { ok: false, found: 'op x has no row', rows: 1, allocations: 2 };
    const standing = { newest: { figure, seq: 7 }, failed: true };
    expect(named(auditor.report(state, standing).checks, 'd1')).toMatchObject({
      ok: false,
      open: true,
      found: 'op x has no row; recount not possible since event 7: the database did not answer',
    });
  });

  test.each(['{', '', 'null', '7', '[]', '{"seq":1}'])('is red, and no crash, on the line “%s”', (line) => {
    const { events, state } = playShow({ seed: SEED, steps: 20, mode: 'safe' });
    const auditor = new Auditor(sha256);
    for (const event of events.slice(0, -1)) auditor.takeLine(JSON.stringify(event));
    auditor.takeLine(line);
    const { checks } = auditor.report(state, NO_ROWS);
    expect(named(checks, 'chain')?.ok).toBe(false);
    expect(named(checks, 'form')?.ok).toBe(false);
    for (const { found } of checks) expect(found.length).toBeLessThanOrEqual(300);
  });
});

describe('rows of the database', () => {
  const { orders, rows } = someRows();
  const epoch = Math.max(...orders.keys());
  const logged = orders.get(epoch) ?? [];
  const inventory = { allocated: logged.at(-1)?.wroteAllocated ?? 0, version: logged.length };

  function recount(given: readonly CountedRow[], settled = true, counter = inventory) {
    const made = new RowsRecount(orders, epoch);
    for (let start = 0; start < given.length; start += 7) made.take(given.slice(start, start + 7));
    return made.finish(settled, counter);
  }

  test('hold against the log in any order and any pages, over all epochs', () => {
    expect(orders.size).toBeGreaterThan(1);
    check(
      fc.property(fc.shuffledSubarray([...rows], { minLength: rows.length }), (shuffled) => {
        expect(recount(shuffled)).toMatchObject({
          ok: true,
          rows: logged.length,
          allocations: logged.length,
        });
      }),
      50,
    );
  });

  test('are wrong in each field that is changed, in each epoch', () => {
    for (const field of [
      'who',
      'units',
      'parentVersion',
      'version',
      'readAllocated',
      'wroteAllocated',
    ] as const) {
      for (const at of [0, rows.length - 1]) {
        const changed = rows.map((row, index) =>
          index === at ? { ...row, [field]: field === 'who' ? 'nobody' : row[field] + 1_000 } : row,
        );
        expect(recount(changed).ok, `${field} of row ${at}`).toBe(false);
      }
    }
  });

  test('are wrong when one is missing, doubled or made up', () => {
    expect(recount(rows.slice(1)).found).toMatch(/has no row/);
    const twin = { ...rows[0]!, op: 'twin' };
    expect(recount([...rows, twin]).found).toMatch(/has a second row, op twin/);
    const late = { ...rows.at(-1)!, op: 'late', version: logged.length + 1 };
    expect(recount([...rows, late]).found).toBe(`epoch ${epoch}: row of op late is not in the log`);
    const old = { ...rows[0]!, op: 'old', epoch: 1, version: 5_000 };
    expect(recount([...rows, old], false).found).toBe('epoch 1: row of op old is not in the log');
  });

  test('are not wrong while they are on their way, void, or of an epoch that began meanwhile', () => {
    const late = { ...rows.at(-1)!, op: 'late', version: logged.length + 1 };
    const moved = { allocated: inventory.allocated + 9, version: inventory.version + 1 };
    const { ok, found } = recount([...rows, late], false, moved);
    expect(ok).toBe(true);
    expect(found).toContain(', 1 not reported yet');
    const place = { ...late, op: 'void', version: 0 };
    const next = { ...late, op: 'next', epoch: epoch + 1, version: 1 };
    expect(recount([...rows, place, next])).toMatchObject({ ok: true, rows: logged.length });
  });

  test('come with the counter, which is held against the newest write', () => {
    expect(recount(rows, true, { ...inventory, allocated: inventory.allocated + 1 }).found).toMatch(
      /counter says/,
    );
    expect(recount(rows, true, { ...inventory, version: inventory.version + 1 }).found).toMatch(
      /is at version/,
    );
  });
});

describe('incidents', () => {
  const at = (name: string, ok: boolean, open?: true): LiveCheck => ({
    name,
    ok,
    expected: 'so',
    found: 'not so',
    ...(open ? { open } : {}),
  });

  test('are told once as red and once as green in an epoch, and again in the next one', () => {
    const facts = emptyFacts();
    const tell = (checks: LiveCheck[]) => {
      const bodies = incidentsOf(checks, facts.incidents);
      for (const body of bodies) {
        apply(facts, { seq: facts.seq + 1, epoch: facts.epoch, atMs: 0, kind: 'incident', body, hash: '' });
      }
      return bodies.map(({ check: name, state }) => `${name} ${state}`);
    };
    expect(tell([at('a', true), at('b', false)])).toEqual(['b red']);
    expect(tell([at('a', false), at('b', false)])).toEqual(['a red']);
    expect(tell([at('a', true, true), at('b', false, true)]), 'not looked at').toEqual([]);
    expect(tell([at('a', true), at('b', true)])).toEqual(['a green', 'b green']);
    expect(tell([at('a', false), at('b', true)])).toEqual([]);
    const reset = { by: 'p', fromEpoch: 1, toEpoch: 2, realCarriedUsd: 0 };
    apply(facts, { seq: facts.seq + 1, epoch: 2, atMs: 0, kind: 'reset', body: reset, hash: '' });
    expect(tell([at('a', false), at('b', true)])).toEqual(['a red']);
  });

  test('are events that an audit takes, and a check may have any name', () => {
    const played = playShow({ seed: SEED, steps: 20, mode: 'safe' }).events;
    const events = played.filter(({ kind }) => kind !== 'closed');
    const last = events.at(-1)!;
    const body = { check: '__proto__', state: 'red', expected: 'e', found: 'f' } as const;
    const told = rechain([...events, { ...last, kind: 'incident', body }]);
    expect(wrongLines(auditOf(told))).toEqual([]);
    expect(incidentsOf([at('constructor', false)], {})).toHaveLength(1);
  });
});

/** A log's allocations of several epochs, and the rows that the database has of them. */
function someRows(): { orders: ReadonlyMap<number, readonly Write[]>; rows: CountedRow[] } {
  const { events } = playShow({
    seed: 11,
    steps: 900,
    mode: 'both',
    resetEvery: 300,
    sku: { capacity: 40 },
  });
  const audit = new Audit(sha256);
  for (const event of events) audit.take(event);
  const orders = audit.orders('eventual');
  const rows = [...orders].flatMap(([epoch, logged]) => logged.map((order) => ({ ...order, epoch })));
  return { orders, rows };
}
