/** The card of the contest: it names statements and not brands, and says by itself what the room must not conclude. */
import { expect, test } from 'vitest';
import type { LaneEngine } from '#lib/domain/engines.ts';
import type { LaneState, RoomState } from '#lib/domain/room-state.ts';
import type { Card } from '../../src/routes/control/[code]/card.ts';
import { cardOf } from '../../src/routes/control/[code]/card-words.ts';
import { laneState, roomState } from './support/fake-room.ts';

const HELD: RoomState['hold'] = { sinceMs: 1, goAtMs: null };
const engine = (name: string, change: Partial<LaneEngine> = {}): LaneEngine => ({
  name,
  label: 'REAL ENGINE',
  distanceMs: 0,
  ...change,
});
const lanes = (change: Partial<Record<keyof RoomState['lanes'], Partial<LaneState>>> = {}) => ({
  safe: laneState({ engine: engine('Durable Objects'), ...change.safe }),
  eventual: laneState({ engine: engine('D1'), ...change.eventual }),
  'postgres-for-update': laneState({ engine: engine('PostgreSQL'), ...change['postgres-for-update'] }),
  'dynamodb-put': laneState({ engine: engine('DynamoDB'), ...change['dynamodb-put'] }),
});

const card = (change: Partial<RoomState> = {}): Card =>
  cardOf({
    view: roomState({ step: 3, mode: 'contest', lanes: lanes(), ...change }),
    rehearsed: false,
    proof: 'debug-token',
    revenue: '',
    resetDone: false,
  });
const textOf = ({ say, sees, teach, cues }: Card) =>
  [...say, sees, teach, ...cues.map(({ words }) => words)].join('\n');

const ROOMS: Partial<RoomState>[] = [
  {},
  { hold: HELD },
  {
    lanes: lanes({
      'dynamodb-put': {
        engine: engine('DynamoDB', { label: 'EMULATOR' }),
        acknowledged: 120,
        oversellDelta: 20,
      },
    }),
  },
  {
    lanes: lanes({
      safe: { acknowledged: 100, stored: 100 },
      'postgres-for-update': {
        engine: engine('PostgreSQL', { distanceMs: 80 }),
        acknowledged: 40,
        stored: 40,
        inFlight: 60,
      },
      'dynamodb-put': { engine: engine('DynamoDB', { label: 'EMULATOR' }) },
    }),
  },
];

test('is as short as every card, says no sentence twice, and names no brand in what is said', () => {
  for (const room of ROOMS) {
    const { say, sees, teach, cues } = card(room);
    expect(say.length).toBeLessThanOrEqual(3);
    expect(say.join(' ').length).toBeLessThanOrEqual(170);
    expect(sees.length).toBeLessThanOrEqual(130);
    expect(teach.length, teach).toBeLessThanOrEqual(200);
    expect(cues.length).toBeLessThanOrEqual(5);
    for (const { words } of cues) expect(words.length, words).toBeLessThanOrEqual(90);
    expect(new Set([...say, ...cues.map(({ words }) => words)]).size).toBe(say.length + cues.length);
    expect(textOf(card(room))).not.toMatch(/PostgreSQL|DynamoDB|Redis|Cloudflare|Amazon/);
  }
});

test('counts lanes and verdicts as the room has them, and waits for what is still at work', () => {
  expect(textOf(card())).toContain('4 ways to sell it');
  expect(card({ hold: HELD }).say[0]).toMatch(/^Wait for it\./);
  const told = textOf(card(ROOMS[3]));
  expect(told).toContain('1 still at work.');
  expect(told).toContain('1 exact, 0 oversold.');
  expect(textOf(card(ROOMS[2]))).toContain('0 exact, 1 oversold.');
});

test('says why a locked row crawls where one was put far away, and that the distance is emulated', () => {
  const far = textOf(card(ROOMS[3]));
  expect(far).toContain('for every trip');
  expect(far).toContain('EMULATED +80 ms');
  const near = textOf(card());
  expect(near).not.toContain('for every trip');
  expect(near).not.toContain('EMULATED');
});

test('says what an emulator cannot show, where one takes part', () => {
  expect(textOf(card(ROOMS[2]))).toContain('An emulator shows the rule.');
  expect(textOf(card())).not.toMatch(/emulator/i);
});
