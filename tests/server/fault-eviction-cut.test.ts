/** The room is thrown out of memory and every socket is cut: everybody comes back, has missed nothing, and has bought once. */
import { expect, it } from 'vitest';
import { atMost, figures, LONG, spread } from '../faults/support/run.ts';
import { TestClient } from './support/client.ts';
import { TestShow } from './support/show.ts';

const ROOMS = LONG ? 5 : 2;
const CUTS_EACH = LONG ? 20 : 3;
const PHONES = 8;
/** From its first attempt on. */
const BACK_P95_MS = 1_000;

it(`brings everybody back after each of ${ROOMS * CUTS_EACH} evictions that cut their sockets`, async () => {
  const backMs: number[] = [];
  let missed = 0;
  // One room after the other: how long a phone takes is not to be how long it waits for other rooms.
  for (let room = 0; room < ROOMS; room += 1) {
    const cut = await cutRoom();
    backMs.push(...cut.backMs);
    missed += cut.missed;
  }
  const back = spread(backMs);
  figures('eviction, sockets cut', {
    evictions: ROOMS * CUTS_EACH,
    'came back and resumed': backMs.length,
    'first attempt to welcome': back,
    'events missed': missed,
    lost: 0,
    doubled: 0,
  });
  expect(missed).toBe(0);
  expect(back.p95).toBeLessThan(atMost(BACK_P95_MS));
});

/** A room whose sockets are cut again and again, each time with everybody's op under way. */
async function cutRoom(): Promise<{ backMs: number[]; missed: number }> {
  const show = await TestShow.open({ capacity: 10_000 }, 'both');
  const sessions = await Promise.all(
    Array.from({ length: PHONES }, () => show.site.join(show.presenter.show)),
  );
  let phones = await Promise.all(sessions.map((session) => TestClient.connect(show.site, session)));
  let { instance } = show.stage.welcome;
  const backMs: number[] = [];
  let missed = 0;
  for (let cut = 0; cut < CUTS_EACH; cut += 1) {
    const ops = phones.map((phone) => ({ phone, op: crypto.randomUUID() }));
    for (const { phone, op } of ops) phone.send({ t: 'allocate', op, epoch: phone.epoch });
    await phones[0]!.answerTo(ops[0]!.op);
    await show.cut();
    await Promise.all(phones.map((phone) => phone.until(() => phone.closed !== null)));
    const before = phones.map(({ epoch, seq }) => ({ epoch, since: seq }));
    phones = await Promise.all(
      sessions.map(async (session, index) => {
        const began = performance.now();
        const phone = await TestClient.connect(show.site, session, before[index]);
        backMs.push(performance.now() - began);
        return phone;
      }),
    );
    for (const [index, { welcome }] of phones.entries()) {
      expect(welcome.instance, 'it is another life').not.toBe(instance);
      expect(welcome.recovered).toBe(true);
      missed += welcome.seq - before[index]!.since - welcome.events.length;
    }
    instance = phones[0]!.welcome.instance;
    const answers = await Promise.all(ops.map(({ op }, index) => settledAnswer(phones[index]!, op)));
    expect(new Set(answers)).toEqual(new Set(['allocated']));
  }
  const ops = PHONES * CUTS_EACH;
  await phones[0]!.until(() => phones[0]!.state?.lanes.eventual?.ops === ops);
  expect(phones[0]!.state?.lanes.safe, 'each op once').toMatchObject({ ops, acknowledged: ops });
  expect(await show.failedChecks()).toEqual([]);
  return { backMs, missed };
}

/** Asks about an op until every lane has said what became of it. */
async function settledAnswer(phone: TestClient, op: string): Promise<string> {
  const answer = await phone.buy({ op });
  if (answer.t === 'nack') return answer.code;
  const statuses = () =>
    phone.messages.flatMap((message) =>
      message.t === 'ack' && message.op === op
        ? [Object.values(message.lanes).map(({ status }) => status)]
        : [],
    );
  await phone.until(() => !statuses().at(-1)?.includes('pending'));
  return [...new Set(statuses().at(-1))].join();
}
