/** What docs/api.md says of answers and messages is what a running show gives: the same members, no more and no fewer. */
import { beforeAll, describe, expect, it } from 'vitest';
import PAGE from '../../docs/api.md?raw';
import { answeredUnder } from '../protocol/api-page.ts';
import type { TestClient } from './support/client.ts';
import { TestShow } from './support/show.ts';

/** A show in which both lanes sold, and a phone reported a round trip that cannot be. */
async function playedShow() {
  const show = await TestShow.open({ capacity: 50 }, 'both');
  const phones = await show.phones(2);
  const op = crypto.randomUUID();
  for (const phone of phones) await phone.buy(phone === phones[0] ? { op } : {});
  await show.settled();
  phones[0]!.send({ t: 'seen', seq: phones[0]!.seq, rtt: { op, lanes: { safe: 594_000 } } });
  await show.stage.until(() => show.stage.state?.lanes.safe?.latency.left === 1);
  return { show, phone: phones[0]! };
}

/** Holds the members of an object to the table under a heading: all that must be there, and none that is not listed. */
function expectMembers(
  heading: string,
  found: object,
  { t: _kind, ...rest } = { ...found } as { t?: string },
) {
  const listed = answeredUnder(PAGE, heading);
  expectListed(heading, rest, listed);
  for (const { name, members } of listed) {
    const held = (rest as Record<string, unknown>)[name];
    if (!members) continue;
    for (const each of Array.isArray(held) ? (held as unknown[]) : [held]) {
      if (typeof each === 'object' && each !== null) expectListed(`${heading}, ${name}`, each, members);
    }
  }
}

function expectListed(where: string, found: object, listed: { name: string; optional: boolean }[]) {
  const names = Object.keys(found);
  expect(
    names.filter((name) => !listed.some((member) => member.name === name)),
    `${where}: members that the page does not list`,
  ).toEqual([]);
  expect(
    listed.filter(({ name, optional }) => !optional && !names.includes(name)).map(({ name }) => name),
    `${where}: members that were not answered`,
  ).toEqual([]);
}

describe('the page lists the members of', () => {
  let show: TestShow;
  let phone: TestClient;
  beforeAll(async () => ({ show, phone } = await playedShow()));

  const get = (path: string) => show.site.call<object>(path, { token: show.presenter.token });
  const post = (path: string, body: object) =>
    show.site.call<object>(path, { token: show.presenter.token, body });

  it('every answer’s meta and ledger', async () => {
    const { meta } = await get('/api/demo/state?skuId=ticket');
    expectMembers('Meta', meta);
    expectMembers('Ledger', meta.ledger);
    expect(meta.ledger.lines.length).toBeGreaterThan(0);
    const { meta: elsewhere } = await show.site.call('/api/health');
    expectMembers('Meta', elsewhere);
    expectMembers('Ledger', elsewhere.ledger);
  });

  it('sessions and pairing', async () => {
    expectMembers('LoginResult', show.presenter);
    expectMembers('MeResult', (await get('/api/auth/me')).data);
    expectMembers('PairOffer', (await post('/api/auth/pair', {})).data);
    expectMembers('PairStatus', (await get('/api/auth/pair')).data);
  });

  it('orders, rushes and the pre-flight check', async () => {
    const { data } = await post('/api/demo/allocate', { skuId: 'ticket', mode: 'eventual' });
    expectMembers('AllocateResult', data);
    expectMembers('RushResult', await show.rush(2));
    expectMembers('PreflightResult', (await get('/api/demo/preflight?skuId=ticket')).data);
  });

  it('what the site can open', async () => {
    const { data } = await show.site.call<{ lanes: object[] }>('/api/demo/lanes');
    expectMembers('LanesResult', data);
    for (const lane of data.lanes) expectMembers('SiteLane', lane);
  });

  it('the state, in answers and in frames', async () => {
    const { data } = await get('/api/demo/state?skuId=ticket');
    const state = data as { lanes: Record<string, object> };
    expectMembers('Members of RoomState', state);
    for (const lane of Object.values(state.lanes)) expectMembers('LaneState', lane);
    const told = show.stage.state!;
    expectMembers('Members of RoomState', told);
    expect(told.ledger).not.toHaveProperty('lines');
    expectMembers('Ledger', { ...told.ledger, lines: [] });
  });

  it('every message that a stage and a phone were sent', async () => {
    await show.stage.until(() => show.stage.messages.some(({ t }) => t === 'audit'));
    const kinds = new Set<string>();
    for (const message of [...show.stage.messages, ...phone.messages]) {
      kinds.add(message.t);
      expectMembers(`Down: \`${message.t}\``, message);
    }
    expect([...kinds]).toEqual(expect.arrayContaining(['welcome', 'frame', 'ack', 'audit']));
  });

  it('the result of each lane in an answer', () => {
    const acks = phone.messages.filter((message) => message.t === 'ack');
    const results = acks.flatMap(({ lanes }) => Object.values(lanes));
    expect(results.length).toBeGreaterThan(0);
    for (const result of results) expectMembers('LaneResult', result);
  });
});
