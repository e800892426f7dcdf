/** The alarm comes early, twice, late, and in the middle of the end: the show ends once, and nothing else changes. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import { canonical } from '../faults/checker/canonical.ts';
import { randomFrom } from '#lib/rehearsal/random.ts';
import { figures, LONG, SEED } from '../faults/support/run.ts';
import { TestClient } from './support/client.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

const SHOWS = LONG ? 100 : 12;
const AT_ONCE = 4;
const DAY_MS = 86_400_000;
const SOON_MS = 150;

/** What a room tells of itself, but for what it costs to ask. */
async function told(show: TestShow, token: string): Promise<string> {
  const { data } = await show.site.call<FullRoomState>('/api/demo/state?skuId=ticket', { token });
  const { ledger: _ledger, seq: _seq, people: _people, ...state } = data;
  const { events } = await exportLog(show.site, token);
  return canonical({ state, acts: events.filter(({ kind }) => kind !== 'cost') });
}

/** Lets a day go by for an ended show: in its room, and in D1, which says that it ended when its room did. */
async function letADayGoBy(show: TestShow): Promise<void> {
  const endedAt = await runInDurableObject(show.room, (_room, { storage }) => {
    storage.sql.exec("UPDATE facts SET value = CAST(value - ? AS TEXT) WHERE name = 'endedAt'", DAY_MS);
    return Number(storage.sql.exec("SELECT value FROM facts WHERE name = 'endedAt'").one()['value']);
  });
  await env.DB.prepare('UPDATE shows SET ended_at = ? WHERE code = ?')
    .bind(endedAt, show.presenter.show)
    .run();
}

/** What a room stores, and when it wants to be woken. */
function leftIn({ room }: TestShow) {
  return runInDurableObject(room, async (_room, { storage }) => ({
    tables: storage.sql
      .exec("SELECT 1 FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray(),
    alarm: await storage.getAlarm(),
  }));
}
const NOTHING = { tables: [], alarm: null };

/** Alarms that nobody set. */
async function ring(show: TestShow, times: number): Promise<number> {
  for (let time = 0; time < times; time += 1) await runDurableObjectAlarm(show.room);
  return times;
}

async function summaries({ presenter }: TestShow): Promise<number> {
  const { results } = await env.DB.prepare('SELECT 1 FROM summaries WHERE show = ?')
    .bind(presenter.show)
    .all();
  return results.length;
}

async function oneShow(seed: number) {
  const random = randomFrom(seed);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const show = await TestShow.open({ capacity: 5 }, random() < 0.5 ? 'safe' : 'both');
  const session = await show.site.join(show.presenter.show);
  const phone = await TestClient.connect(show.site, session);
  await phone.buy();
  await show.settled();
  const running = await told(show, session.token);
  const early = await ring(show, 1 + upTo(2));
  expect(await told(show, session.token), `seed ${seed}: early alarms change nothing`).toBe(running);
  expect((await phone.buy()).t).toBe('ack');
  await show.settled();

  const late = random() < 0.5;
  if (late) {
    // It sleeps through its end, and wakes when the alarm comes.
    await show.room.extend(Date.now() + SOON_MS);
    await show.sleep();
    await phone.until(() => phone.closed !== null);
  } else {
    await Promise.all([show.room.close('presenter'), ring(show, upTo(2)), show.room.close('expiry')]);
  }
  await ring(show, 1);
  const ended = await told(show, session.token);
  const twice = await ring(show, 1 + upTo(3));
  if (random() < 0.5) await show.sleep();
  await show.room.close('expiry');
  expect(await told(show, session.token), `seed ${seed}: late and double alarms change nothing`).toBe(ended);
  const { events } = await exportLog(show.site, session.token);
  const closings = events.filter(({ kind }) => kind === 'closed').length;
  const kept = await summaries(show);
  expect([closings, kept], `seed ${seed}: it ended once`).toEqual([1, 1]);

  await letADayGoBy(show);
  await show.sleep();
  const forgetting = await ring(show, 1 + upTo(2));
  expect(await leftIn(show), `seed ${seed}: it was forgotten once and for all`).toEqual(NOTHING);
  expect(await summaries(show), `seed ${seed}: what it came to is forgotten with it`).toBe(0);
  // The platform brings an alarm at least once: it may come again, to a room that was put away meanwhile, as may a call.
  await runInDurableObject(show.room, (_room, { storage }) => storage.setAlarm(Date.now() + DAY_MS));
  if (random() < 0.5) await show.sleep();
  await Promise.all([show.room.close('expiry'), show.room.watchEnd(), show.room.extend(Date.now() + DAY_MS)]);
  await show.room.renew(session.sessionId, Date.now() + DAY_MS);
  await ring(show, 1 + upTo(2));
  expect(await leftIn(show), `seed ${seed}: and it stays forgotten`).toEqual(NOTHING);
  return { early, late: Number(late), twice, forgetting };
}

it(`ends each of ${SHOWS} shows once, whenever and however often the alarm comes`, async () => {
  console.log(`alarm: shows ${SEED}..${SEED + SHOWS - 1}`);
  const seeds = Array.from({ length: SHOWS }, (_, index) => SEED + index);
  const runs: Awaited<ReturnType<typeof oneShow>>[] = [];
  const work = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) runs.push(await oneShow(seed));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const sum = (what: 'early' | 'late' | 'twice' | 'forgetting') =>
    runs.reduce((total, run) => total + run[what], 0);
  figures('alarm', {
    shows: runs.length,
    'early alarms': sum('early'),
    'shows that slept through their end': sum('late'),
    'alarms after the end': sum('twice'),
    'alarms a day later': sum('forgetting'),
    'states that changed': 0,
    'ended twice': 0,
  });
  expect(sum('late')).toBeGreaterThan(0);
  expect(sum('late')).toBeLessThan(SHOWS);
});
