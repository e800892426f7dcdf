/**
 * The phone in a contest of all lanes: one ticket for a tap, in every state that its lanes can leave it in, on the smallest screen and
 * on an ordinary one, in both languages. The room is a real one of two lanes; on its way to the phone each of them becomes six, because
 * no engine has to be there for what is measured here: what stands where.
 */
import type { Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { ByLane, LaneId, LaneResult } from '#lib/domain/lane.ts';
import { ENGINE_OF, ENGINES } from '#lib/domain/engines.ts';
import { LANES } from '#lib/domain/lanes.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Down } from '#lib/protocol/down.ts';
import type { Up } from '#lib/protocol/up.ts';
import { expectAccessible } from './support/axe.ts';
import { misplaced } from './support/boxes.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { SCREENS, Venue } from './support/venue.ts';

const SIZES = [SCREENS.phone, SCREENS.smallPhone];
/** The lanes whose answers come last. */
const SLOW: readonly LaneId[] = ['postgres-for-update', 'firestore-transaction'];

let venue: Venue;
let presenter: Presenter;
let phones: [Contestant, Contestant];

/** A phone that believes in twelve lanes. */
class Contestant {
  readonly phone: Phone;
  /** Ops that were answered, oldest first. */
  readonly ops: string[] = [];
  #room: WebSocketRoute | null = null;
  /** Answers that are held back. */
  #slow: (() => void)[] | null = null;

  private constructor(phone: Phone) {
    this.phone = phone;
  }

  static async comes(page: Page): Promise<Contestant> {
    const contestant = new Contestant(new Phone(page));
    await page.routeWebSocket(/\/parties\/room\//, (near) => {
      contestant.#room = near;
      const far = near.connectToServer();
      near.onMessage((text) => far.send(toRoom(String(text))));
      far.onMessage((text) => contestant.#hear(near, String(text)));
    });
    await contestant.phone.joinsByLink(presenter.code);
    return contestant;
  }

  /** From now on the slowest lanes do not answer, until {@link answersAll}. */
  holdsBack(): void {
    this.#slow = [];
  }

  answersAll(): void {
    for (const say of this.#slow ?? []) say();
    this.#slow = null;
  }

  /** Tells what became of a unit. */
  tells(message: Down): void {
    this.#room!.send(JSON.stringify(message));
  }

  #hear(near: WebSocketRoute, text: string): void {
    if (text === 'pong') return near.send(text);
    const message = JSON.parse(text) as Down;
    if ('state' in message) message.state = contestOf(message.state);
    if (message.t !== 'ack') return near.send(JSON.stringify(message));
    if (!this.ops.includes(message.op)) this.ops.push(message.op);
    const all = { ...message, lanes: byLane((lane) => message.lanes[twinOf(lane)]) };
    if (!this.#slow) return near.send(JSON.stringify(all));
    const some = byLane((lane): LaneResult =>
      SLOW.includes(lane) ? { status: 'pending', units: 1 } : all.lanes[lane]!,
    );
    near.send(JSON.stringify({ ...all, lanes: some }));
    this.#slow.push(() => near.send(JSON.stringify(all)));
  }
}

/** Which of the room's two lanes stands behind one of the contest. */
function twinOf(lane: LaneId): 'safe' | 'eventual' {
  return LANES[lane].colour;
}

function byLane<T>(of: (lane: LaneId) => T): ByLane<NonNullable<T>> {
  return Object.fromEntries(LANE_IDS.map((lane) => [lane, of(lane)]));
}

function contestOf<S extends Pick<RoomState, 'lanes' | 'mode'>>(state: S): S {
  const engine = (lane: LaneId) => ({
    name: ENGINES[ENGINE_OF[lane]],
    label: 'REAL ENGINE' as const,
    distanceMs: lane === 'postgres-for-update' ? 150 : 0,
  });
  const lanes = byLane((lane) => ({ ...state.lanes[twinOf(lane)]!, engine: engine(lane) }));
  return { ...state, mode: state.mode === 'both' ? 'contest' : state.mode, lanes };
}

function toRoom(text: string): string {
  if (!text.startsWith('{')) return text;
  const message = JSON.parse(text) as Up;
  if ('rtt' in message) delete message.rtt;
  return JSON.stringify(message.t === 'allocate' ? { ...message, mode: 'both' } : message);
}

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  presenter = await Presenter.opens(venue, inject('host').debugToken, [
    { name: 'Standing ticket for the late show', capacity: 6, unitPrice: 1249.5 },
  ]);
  await presenter.switchTo('both');
  const comes = async (who: string, options: object) => {
    const context = await venue.phone({ viewport: SCREENS.smallPhone, ...options });
    return Contestant.comes(await venue.page(context, who));
  };
  phones = [await comes('phone', {}), await comes('German phone', { locale: 'de-AT' })];
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

/** On every screen: nothing is misplaced, and the button is where a thumb finds it. */
async function expectPlaced(state: string): Promise<void> {
  for (const [place, { phone }] of phones.entries()) {
    const { page, button } = phone;
    for (const size of SIZES) {
      await page.setViewportSize(size);
      const name = `${state}-${size.width}-${place === 0 ? 'en' : 'de'}`;
      await expect.poll(() => misplaced(page), { message: name }).toEqual([]);
      await expectNoSidewaysScroll(page);
      const { y, height } = (await button.boundingBox())!;
      expect(height, name).toBeGreaterThanOrEqual(96);
      expect(y + height, `${name}: bottom of the button`).toBeLessThanOrEqual(size.height);
      await shoot(page, `contest-phone-${name}`);
    }
  }
}

const tickets = (page: Page) => page.locator('section[aria-labelledby="mine"]');
/** What the lanes said of the tap on screen, each by its icon. */
const icons = (page: Page) =>
  tickets(page)
    .locator('.lanes li')
    .evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset['icon'] ?? ''));

it('waits for a tap', async () => {
  await phones[0].phone.page.getByText('Nothing yet. Tap the button.').waitFor();
  await phones[1].phone.page.getByText('Noch nichts.').waitFor();
  await expectPlaced('nothing');
});

it('is one ticket with each lane’s answer and time as it comes, and the others on their way', async () => {
  for (const contestant of phones) {
    contestant.holdsBack();
    const { page } = contestant.phone;
    await contestant.phone.taps(1);
    const expected = LANE_IDS.map((lane) => (SLOW.includes(lane) ? 'waiting' : 'check'));
    await expect.poll(() => icons(page)).toEqual(expected);
    const times = await tickets(page).locator('.lanes li > .num:not(.own)').allInnerTexts();
    expect(times.map((time) => time !== '')).toEqual(expected.map((icon) => icon === 'check'));
  }
  await expectPlaced('waiting');
  for (const contestant of phones) {
    contestant.answersAll();
    await expect.poll(() => icons(contestant.phone.page)).toEqual(LANE_IDS.map(() => 'check'));
  }
});

it('says on the same ticket what was overwritten, sold twice and sold out', async () => {
  for (const contestant of phones) {
    const { phone, ops } = contestant;
    await phone.taps(1);
    await expect.poll(() => ops.length).toBe(2);
    const op = ops[1]!;
    const fate = { t: 'fate', op, fate: 'lost', by: 'unhurried-nightingale', units: 1 } as const;
    for (const lane of ['eventual', 'postgres-blind'] as const) contestant.tells({ ...fate, lane });
    contestant.tells({ t: 'claim', op, lane: 'redis-lock', holders: 3 });
    await expect.poll(() => icons(phone.page)).toEqual(expect.arrayContaining(['check', 'struck', 'double']));
  }
  await expectPlaced('fates');
  // Its story is told, as on any other phone.
  const { page } = phones[0].phone;
  await page.getByRole('button', { name: 'overwritten by unhurried-nightingale' }).first().tap();
  await page.getByRole('dialog').waitFor();
  await page.getByRole('button', { name: 'Back to the show' }).tap();
  await expectAccessible(page, 'contest');
  for (const { phone } of phones) {
    await phone.taps(3);
    await expect.poll(() => icons(phone.page)).toContain('none');
  }
  await expectPlaced('sold-out');
});

it('stays one line for a tap that is not the newest, and shows it when it is asked for', async () => {
  const { page } = phones[0].phone;
  const earlier = tickets(page).locator('.tap button');
  expect(await earlier.count()).toBeGreaterThan(0);
  const newest = await icons(page);
  await earlier.last().tap();
  await tickets(page).getByText('Earlier tap').waitFor();
  await expect.poll(() => icons(page)).not.toEqual(newest);
  await expectPlaced('earlier');
  await tickets(page).locator('.tap button').first().tap();
  await tickets(page).getByText('Newest tap').waitFor();
  expect(await icons(page)).toEqual(newest);
});
