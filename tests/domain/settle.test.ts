import { expect, test } from 'vitest';
import { ofLane } from '#lib/domain/lane.ts';
import type { Write } from '#lib/domain/write.ts';
import { draftsOfGrant, draftsOfWrite } from '#lib/domain/settle.ts';
import type { Buyer } from '#lib/domain/settle.ts';
import { Log, openedBody, SKU } from './support/room-facts.ts';

const TIMES = { readAtMs: 1_000, wroteAtMs: 1_100 };

function settle(log: Log, op: string, parentVersion: number, readAllocated: number, units = 1) {
  const version = ofLane(log.facts.lanes, 'eventual').lineage.writes.length + 1;
  const buyer: Buyer = { op, who: `owner of ${op}`, units, sim: false };
  const wroteAllocated = readAllocated + units;
  const write: Write = { op, who: buyer.who, units, parentVersion, version, readAllocated, wroteAllocated };
  const drafts = draftsOfWrite(log.facts, 'eventual', buyer, write, TIMES);
  log.tellAll(drafts);
  return drafts;
}

test('a grant is one event, and says when a simulated shopper got it', () => {
  const buyer = { op: 'a', who: 'Guest 1', units: 2, sim: false };
  const { facts } = new Log();
  expect(draftsOfGrant(facts, 'safe', buyer)).toEqual([
    { kind: 'allocated', body: { lane: 'safe', op: 'a', who: 'Guest 1', units: 2 } },
  ]);
  expect(draftsOfGrant(facts, 'safe', { ...buyer, sim: true })[0].body).toMatchObject({ sim: true });
});

test('a write alone is told with what it read and wrote, and erases nobody', () => {
  expect(settle(new Log(), 'a', 0, 0, 3)).toEqual([
    {
      kind: 'allocated',
      body: {
        lane: 'eventual',
        op: 'a',
        who: 'owner of a',
        units: 3,
        parentVersion: 0,
        version: 1,
        readAllocated: 0,
        wroteAllocated: 3,
        ...TIMES,
      },
    },
  ]);
});

test('the witness of a lost update names both ops, both people, the version read, and the value before and after', () => {
  const log = new Log();
  settle(log, 'a', 0, 0, 2);
  const [, lost] = settle(log, 'b', 0, 0, 1);
  expect(lost).toEqual({
    kind: 'lost',
    body: {
      lane: 'eventual',
      op: 'a',
      who: 'owner of a',
      units: 2,
      by: 'b',
      byWho: 'owner of b',
      parentVersion: 0,
      version: 2,
      storedBefore: 2,
      storedAfter: 1,
    },
  });
});

test('who comes back is told behind who is lost, by the same write', () => {
  const log = new Log();
  settle(log, 'a', 0, 0);
  settle(log, 'b', 0, 0);
  const drafts = settle(log, 'c', 1, 1);
  expect(drafts.map(({ kind, body }) => [kind, 'op' in body ? body.op : ''])).toEqual([
    ['allocated', 'c'],
    ['lost', 'b'],
    ['restored', 'a'],
  ]);
});

test('each growth beyond capacity is told with its new delta, and none before', () => {
  const log = new Log(openedBody({ ...SKU, capacity: 3 }));
  const told = (drafts: ReturnType<typeof settle>) =>
    drafts.flatMap((draft) => (draft.kind === 'oversold' ? [draft.body] : []));
  expect(told(settle(log, 'a', 0, 0, 3))).toEqual([]);
  expect(told(settle(log, 'b', 0, 0, 2))).toEqual([{ lane: 'eventual', delta: 2, by: 'b' }]);
  expect(told(settle(log, 'c', 0, 0, 1))).toEqual([{ lane: 'eventual', delta: 3, by: 'c' }]);
});
