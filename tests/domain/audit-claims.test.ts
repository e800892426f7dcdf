import { expect, test } from 'vitest';
import type { ClientHistory } from '#lib/domain/audit-claims.ts';
import type { AuditKey } from '#lib/domain/audit-findings.ts';
import type { Write } from '#lib/domain/write.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { auditOf, claimsOf, wrongAt, wrongLines } from './support/audits.ts';
import { hasKinds, showWith } from './support/tamper.ts';

const SHOW = showWith({ steps: 500, mode: 'both', resetEvery: 250, sku: { capacity: 20 } }, (show) =>
  hasKinds(show, ['lost', 'oversold', 'cost', 'reset', 'refused']),
);

interface Claims {
  state: RoomState;
  d1Orders: { lane: LaneId; epoch: number; rows: Write[]; upToVersion?: number }[];
  histories: ClientHistory[];
}

/** What the audit says of the show's log when somebody claims something else. */
function auditAgainst(claim: (claims: Claims) => void) {
  const claims = structuredClone(claimsOf(SHOW)) as Claims;
  claim(claims);
  return auditOf(SHOW.events, claims);
}

const FALSE_STATES: [name: string, key: AuditKey, (state: RoomState) => void][] = [
  ['more acknowledged', 'acknowledged', (state) => (ofLane(state.lanes, 'safe').acknowledged += 1)],
  ['more stored', 'stored', (state) => (ofLane(state.lanes, 'eventual').stored += 1)],
  ['no lost units', 'lostUnits', (state) => (ofLane(state.lanes, 'eventual').lostUnits = 0)],
  ['a smaller delta', 'oversellDelta', (state) => (ofLane(state.lanes, 'eventual').oversellDelta -= 1)],
  ['fewer ops', 'ops', (state) => (ofLane(state.lanes, 'eventual').ops -= 1)],
  ['lost ops as conflicts', 'conflicts', (state) => (ofLane(state.lanes, 'eventual').conflicts += 1)],
  ['another refusal', 'refused', (state) => (ofLane(state.lanes, 'safe').refused.BUSY = 7)],
  ['hidden refusals', 'refused', (state) => (ofLane(state.lanes, 'safe').refused = {})],
  ['more capacity', 'state', (state) => (ofLane(state.lanes, 'safe').capacity += 1)],
  ['an older end', 'state', (state) => (state.seq -= 1)],
  ['another epoch', 'state', (state) => (state.epoch += 1)],
  ['another mode', 'state', (state) => (state.mode = state.mode === 'safe' ? 'both' : 'safe')],
  ['another step', 'state', (state) => (state.step += 1)],
  ['another room', 'state', (state) => (state.room = 'ABCDEG.sneaker')],
  ['another guardrail', 'state', (state) => (state.guardrail.tripped = !state.guardrail.tripped)],
  ['a smaller bill', 'state', (state) => (state.ledger.virtualUsd = 0)],
  ['no exposure', 'state', (state) => (state.ledger.exposureUsd = 0)],
  ['a cost that does not come out', 'state', (state) => (state.ledger.virtualUsd += 1e-6)],
  ['a real bill', 'state', (state) => (state.ledger.realUsd = 1)],
];

test.each(FALSE_STATES)('a state that shows %s is caught by the line “%s”', (_name, key, change) => {
  const result = auditAgainst(({ state }) => change(state));
  expect(wrongAt(result, key)).not.toBeNull();
});

const rowsOf = (claims: Claims) => claims.d1Orders.find(({ rows }) => rows.length > 2)!.rows;

const FALSE_ROWS: [name: string, says: RegExp, (rows: Write[]) => void][] = [
  ['a missing row', /op abcdefab\S+ has no row/, (rows) => rows.splice(1, 1)],
  ['a row too many', /row of op op-x is not in the log/, (rows) => rows.push({ ...rows[0]!, op: 'op-x' })],
  ['a row twice', /row of op abcdefab\S+ is not in the log/, (rows) => rows.push(rows[0]!)],
  ['other units', /units is 99 in its row/, (rows) => (rows[0]!.units = 99)],
  ['another parent', /parentVersion is 99 in its row/, (rows) => (rows[0]!.parentVersion = 99)],
  ['another version', /version is 99 in its row/, (rows) => (rows[0]!.version = 99)],
  ['another reading', /readAllocated is 99 in its row/, (rows) => (rows[0]!.readAllocated = 99)],
  ['another write', /wroteAllocated is 99 in its row/, (rows) => (rows[0]!.wroteAllocated = 99)],
  ['another person', /who is guest-x in its row/, (rows) => (rows[0]!.who = 'guest-x')],
];

test.each(FALSE_ROWS)('a database with %s is caught, and the op is named', (_name, says, change) => {
  const result = auditAgainst((claims) => void change(rowsOf(claims)));
  expect(wrongAt(result, 'd1')).toMatch(says);
});

test('a row that was not reported yet is in order only while a state says that an op is in flight', () => {
  const claims = structuredClone(claimsOf(SHOW)) as Claims;
  const { rows } = claims.d1Orders.at(-1)!;
  rows.push({ ...rowsOf(claims)[0]!, op: 'op-x', version: rows.length + 1 });
  expect(wrongAt(auditOf(SHOW.events, claims), 'd1')).toContain('op-x');
  ofLane(claims.state.lanes, 'eventual').inFlight = 1;
  expect(wrongLines(auditOf(SHOW.events, claims))).toEqual([]);
  rows.push({ ...rows.at(-1)!, op: 'op-y', version: rows.length + 1 });
  expect(wrongAt(auditOf(SHOW.events, claims), 'd1')).toContain('op-y');
});

test('rows that were asked for before the log went on are compared as far as the room had heard then', () => {
  const claims = structuredClone(claimsOf(SHOW)) as Claims;
  const given = claims.d1Orders.find(({ rows }) => rows.length > 2)!;
  given.rows.splice(2);
  expect(wrongAt(auditOf(SHOW.events, claims), 'd1')).toContain('has no row');
  given.upToVersion = 2;
  expect(wrongLines(auditOf(SHOW.events, claims))).toEqual([]);
  given.rows.splice(1);
  expect(wrongAt(auditOf(SHOW.events, claims), 'd1')).toContain('has no row');
});

test('an epoch whose rows are not given is not compared', () => {
  const result = auditAgainst((claims) => claims.d1Orders.splice(0, 1));
  expect(wrongLines(result)).toEqual([]);
});

test('a receipt that the log does not have under its number is caught', () => {
  const result = auditAgainst(({ histories }) => (histories[0]!.seq += 1));
  expect(wrongAt(result, 'receipts')).toContain(`op ${SHOW.histories[0]!.op} was acknowledged as`);
  const units = auditAgainst(({ histories }) => (histories[0]!.units = 40));
  expect(wrongAt(units, 'receipts')).toContain('was acknowledged 40 units');
  const lost = auditAgainst(({ histories }) => (histories[0]!.op = 'op-x'));
  expect(wrongAt(lost, 'receipts')).toContain('the log has it nowhere');
});

test('two safe ops in the wrong order are caught by their histories, both named', () => {
  const history = (op: string, seq: number, sentAtOrder: number, answeredAtOrder: number): ClientHistory => ({
    op,
    lane: 'safe',
    seq,
    sentAtOrder,
    answeredAtOrder,
  });
  const inOrder = [history('a', 2, 1, 4), history('b', 3, 2, 3), history('c', 4, 5, Infinity)];
  expect(wrongAt(auditOf([], { histories: inOrder }), 'linearizable')).toBeNull();
  // b was answered before c was sent; that a was still under way then excuses nothing.
  const outOfOrder = [history('a', 9, 1, 20), history('b', 5, 2, 3), history('c', 4, 5, 6)];
  expect(wrongAt(auditOf([], { histories: outOfOrder }), 'linearizable')).toBe(
    'op b was answered before op c was sent, but has 5 ≥ 4',
  );
});

test('the eventual lane promises no order, so its histories are not held to one', () => {
  const histories = (['b', 'a'] as const).map((op, index): ClientHistory => ({
    op,
    lane: 'eventual',
    seq: 9 - index,
    sentAtOrder: index * 2,
    answeredAtOrder: index * 2 + 1,
  }));
  expect(wrongAt(auditOf([], { histories }), 'linearizable')).toBeNull();
});

test('what is not given is said to be not given, and is no fault', () => {
  const { checks } = auditOf(SHOW.events);
  const given = checks.filter(({ found }) => found.includes('given'));
  expect(given).toHaveLength(12);
  expect(given.every(({ ok }) => ok)).toBe(true);
});
