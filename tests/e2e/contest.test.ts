/**
 * The contest on the stage: a row for each lane, from two to twelve, on every projector, in both themes and languages. Nothing is cut,
 * too small or over something else; what a row says is what its lane's counters say; and a row lights up when its answer comes.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { madeLanes } from '../client/support/made-lanes.ts';
import { expectAccessible } from './support/axe.ts';
import { hearCanvases, misplaced, struckZeros, tooSmall } from './support/boxes.ts';
import { englishOn } from './support/english.ts';
import { MadeRoom } from './support/made-contest.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const SKU = 'concert-ticket';
const CAPACITY = 100;
/** Lanes of a show, in the order of the table; the many ones with all that a row can say. */
const SHOWS: Readonly<Record<number, readonly LaneId[]>> = {
  2: ['safe', 'postgres-for-update'],
  5: ['postgres-blind', 'postgres-conditional', 'postgres-for-update', 'postgres-serializable', 'redis-lock'],
  8: LANE_IDS.filter((lane) => !/dynamodb|firestore/.test(lane)),
  12: LANE_IDS,
};
const PROJECTORS = [SCREENS.stage, { width: 1280, height: 720 }, { width: 1024, height: 768 }];

let venue: Venue;
let presenter: Presenter;
let stage: Page;
let room: MadeRoom;
let real: RoomState;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Concert ticket', capacity: CAPACITY, unitPrice: 150 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product], hearCanvases);
  stage = presenter.stage;
  real = await readState(presenter, SKU);
  room = await MadeRoom.before(stage);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

/** Loads the stage of a contest on these lanes, with phones in. */
async function shows(lanes: readonly LaneId[], language: 'en' | 'de' = 'en'): Promise<void> {
  room.tells({
    lanes: madeLanes(CAPACITY, lanes),
    mode: 'contest',
    step: 3,
    sku: { ...real.sku, capacity: CAPACITY },
    guardrail: real.guardrail,
    people: { phones: 61, stages: 1 },
  });
  await stage.goto(`/stage/${presenter.code}?lang=${language}`);
  await rows().last().waitFor();
}

const rows = () => stage.locator('tr[data-lane]');
const row = (lane: LaneId) => stage.locator(`tr[data-lane="${lane}"]`);

async function expectReadable(name: string, more: () => Promise<string[]> = async () => []): Promise<void> {
  for (const size of PROJECTORS) {
    await stage.setViewportSize(size);
    const wrong = async () => [
      ...(await misplaced(stage)),
      ...(await tooSmall(stage)),
      ...(await struckZeros(stage)),
      ...(await more()),
    ];
    await expect.poll(wrong, { message: `${name}, ${size.width} × ${size.height}` }).toEqual([]);
    await shoot(stage, `contest-${name}-${size.width}`);
  }
  await stage.setViewportSize(SCREENS.stage);
}

describe.each(Object.entries(SHOWS))('a contest of %s lanes', (number, lanes) => {
  it('can be read from the last row on every projector, alone and under a banner', async () => {
    await shows(lanes);
    expect(await rows().evaluateAll((all) => all.map((each) => each.getAttribute('data-lane')))).toEqual(
      lanes,
    );
    await expectReadable(number);
    room.tells({ guardrail: { ...real.guardrail, tripped: true, by: 'presenter', atMs: 1 } });
    await stage.locator('.banner').waitFor();
    await expectReadable(`${number}-under`);
  });

  it('is as readable in German, and is in German', async () => {
    await shows(lanes, 'de');
    await expectReadable(`${number}-german`, () => englishOn(stage));
  });
});

it('says of every lane what its counters say, the same to who listens', async () => {
  await shows(LANE_IDS);
  const verdicts = await stage
    .locator('[data-verdict]')
    .evaluateAll((cells) => cells.map((cell) => (cell as HTMLElement).innerText.split('\n')[0]));
  expect(verdicts.map((word = '') => word.replace('✓', '').trim())).toEqual([
    'exact',
    'oversold +87',
    'oversold +76',
    'exact',
    'unsettled',
    'exact',
    'inexact',
    'exact',
    'exact',
    'oversold +18',
    'exact',
    'nothing yet',
  ]);
  const tally = (of: string) => stage.locator(`[data-tally="${of}"]`).innerText();
  expect([await tally('kept'), await tally('broke'), await tally('open')]).toEqual(['6', '4', '2']);
  for (const [lane, sold, lost] of [
    ['safe', '100', null],
    ['redis-lock', '118', '31'],
    ['postgres-for-update', '63', null],
  ] as const) {
    expect(await row(lane).locator('[data-figure="acknowledged"]').innerText()).toBe(sold);
    const struck = row(lane).locator('[data-figure="lost"]');
    expect(await struck.count()).toBe(lost === null ? 0 : 1);
    if (lost !== null) expect(await struck.innerText()).toBe(lost);
  }
  await expectAccessible(stage, 'the contest');
});

it('holds for a single unit, for a hundred thousand, and where nobody has bought', async () => {
  for (const capacity of [1, 100_000]) {
    room.tells({ lanes: madeLanes(capacity), sku: { ...real.sku, capacity } });
    await expectReadable(`of-${capacity}`);
  }
  const unsold = madeLanes(0);
  for (const lane of Object.values(unsold)) Object.assign(lane, { capacity: CAPACITY, inFlight: 0 });
  room.tells({ lanes: unsold, sku: { ...real.sku, capacity: CAPACITY } });
  await stage.getByText('Nobody has bought yet.').waitFor();
  await expectReadable('unsold');
});

it('lights up the row whose answer comes, and no other; who asked for no motion sees the same figures', async () => {
  await shows(['safe', 'postgres-for-update']);
  // Not while the log is loading: what it tells was not watched.
  await stage.getByText(/^● live$/).waitFor();
  expect(await stage.locator('.lit').count()).toBe(0);
  const answer = (op: number) => ({
    kind: 'allocated' as const,
    body: {
      lane: 'safe' as const,
      op: `00000000-0000-4000-8000-00000000000${op}`,
      who: 'amber-otter',
      units: 1,
    },
  });
  room.tells({}, [answer(1)]);
  await row('safe').locator('.lit').waitFor({ state: 'attached' });
  expect(await row('postgres-for-update').locator('.lit').count()).toBe(0);
  const motion = () =>
    row('safe')
      .locator('.lit')
      .evaluate((lit) => getComputedStyle(lit).animationName);
  expect(await motion()).toMatch(/lit/);
  await stage.emulateMedia({ reducedMotion: 'reduce' });
  room.tells({ lanes: madeLanes(CAPACITY / 2, ['safe', 'postgres-for-update']) }, [answer(2)]);
  await expect.poll(() => row('safe').locator('[data-figure="acknowledged"]').innerText()).toBe('50');
  expect(await motion()).toBe('none');
  await stage.emulateMedia({ reducedMotion: null });
});

it('leaves no other scene broken: before the GO, after a reset, at the end, and behind it', async () => {
  await shows(LANE_IDS);
  await stage.locator('header .step').getByText('The contest').waitFor();
  const unsold = madeLanes(0);
  for (const lane of Object.values(unsold)) Object.assign(lane, { capacity: CAPACITY, inFlight: 0 });
  room.tells({ lanes: unsold, hold: { sinceMs: 1, goAtMs: null } });
  await stage.getByText('Wait for it.').waitFor();
  await expectReadable('held');
  for (const [step, scene] of [
    [4, 'money'],
    [5, 'reset'],
    [6, 'verdict'],
  ] as const) {
    room.tells({ lanes: madeLanes(CAPACITY), hold: null, step });
    await stage.locator(`main.scene`).waitFor();
    await expectReadable(scene);
  }
  await stage.keyboard.press('a');
  await expectReadable('audit');
  await stage.keyboard.press('a');
  room.tells({ step: 3, mode: 'postgres-for-update' });
  await expectReadable('one-lane');
  room.tells({ mode: 'redis-lock' });
  await expectReadable('one-careless-lane');
});
