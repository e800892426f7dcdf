/** A contest of engines in a room: lanes that a test holds back and lets go, each with an engine that it says it has. */
import { expect, it } from 'vitest';
import { MAX_IN_FLIGHT } from '#lib/domain/admission.ts';
import type { EventKind, EventOf, RoomEvent } from '#lib/domain/events.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { Work } from '#lib/domain/work.ts';
import { allocate } from '#lib/room/allocate.ts';
import type { Order } from '#lib/room/lane.ts';
import { loadMemory } from '#lib/room/memory.ts';
import { sendAnswer } from '#lib/room/personal-messages.ts';
import { control } from '#lib/room/presenting.ts';
import { own } from '#lib/room/tables.ts';
import type { StoredLane } from '#server/lanes/stored-lane.ts';
import { ofKind } from '../conformance/show.ts';
import { inRoom, settled, until } from './support/inner-room.ts';
import type { Heard, Inner } from './support/inner-room.ts';

const FIRST = 'postgres-conditional';
const SECOND = 'redis-script';
const WORK: Work = { attempts: 3, roundTrips: 9, retries: { serialization: 1, connection: 1 } };

/** A careful lane: it sells in the order in which it is let go. */
class HeldLane {
  readonly orders: Order[] = [];
  readonly lane: StoredLane;
  readonly #waiting: (() => void)[] = [];
  #version = 0;
  #isOpen = false;

  constructor(id: LaneId, distances?: readonly number[]) {
    const nothing = () => Promise.resolve({});
    this.lane = {
      id,
      engine: { name: id === FIRST ? 'PostgreSQL' : 'Redis', label: 'REAL ENGINE' },
      ...(distances ? { distances } : {}),
      carryOut: async (order) => {
        this.orders.push(order);
        if (!this.#isOpen) await new Promise<void>((resolve) => this.#waiting.push(resolve));
        const { op, who, units } = order.buyer;
        const parentVersion = this.#version++;
        const write = { op, who, units, parentVersion, version: this.#version };
        const row = { ...write, readAllocated: parentVersion, wroteAllocated: parentVersion + units };
        const times = { readAtMs: 1, wroteAtMs: 1 };
        return { outcome: { kind: 'written', write: row, times }, spent: {}, work: WORK };
      },
      open: nothing,
      fence: nothing,
      writesAfter: () => Promise.resolve({ writes: [], spent: {} }),
      rowsBehind: () => Promise.resolve({ rows: [], isLast: true, spent: {} }),
      counter: () => Promise.resolve({ inventory: null, spent: {} }),
    };
  }

  letGo(): void {
    this.#isOpen = true;
    for (const go of this.#waiting.splice(0)) go();
  }
}

/** A tap on a phone: its answers come to its sockets. */
function press({ room }: Inner, label: string): string {
  const op = crypto.randomUUID();
  const order = { op, owner: label, label, role: 'participant', units: 1, epoch: null, mode: null } as const;
  allocate(room, { ...order, sim: false }, 'socket', (answer) => {
    sendAnswer(room.ports.connections, label, answer);
  });
  return op;
}

const acksIn = (heard: Heard) => heard.filter((said) => said.t === 'ack').map(({ lanes }) => lanes);

/** Every event of a kind. */
function told<K extends EventKind>({ tables }: Inner, kind: K): EventOf<K>[] {
  const lines = tables.readLogAfter(0).flatMap((chunk) => chunk.lines.split('\n'));
  const events = lines.map((line) => own<RoomEvent>(line));
  return ofKind(events, kind);
}

it('tells an op on sockets whenever one more lane has answered, the last time complete', async () => {
  const [first, second] = [new HeldLane(FIRST), new HeldLane(SECOND)];
  await inRoom({ mode: 'contest', more: [first.lane, second.lane] }, async (inner) => {
    const heard = inner.socket('guest-1');
    press(inner, 'guest-1');
    await until(() => acksIn(heard).length === 2);
    second.letGo();
    await until(() => acksIn(heard).length === 3);
    first.letGo();
    await settled(inner.room);
    const statuses = acksIn(heard).map((lanes) => Object.values(lanes).map(({ status }) => status));
    expect(statuses).toEqual([
      ['allocated', 'pending', 'pending', 'pending'],
      ['allocated', 'allocated', 'pending', 'pending'],
      ['allocated', 'allocated', 'pending', 'allocated'],
      ['allocated', 'allocated', 'allocated', 'allocated'],
    ]);
  });
});

it('tells the pair of lanes in two answers, as ever', () =>
  inRoom({ mode: 'both' }, async (inner) => {
    const heard = inner.socket('guest-1');
    press(inner, 'guest-1');
    await until(() => acksIn(heard).length === 2);
    expect(acksIn(heard).map((lanes) => lanes.eventual?.status)).toEqual(['pending', 'allocated']);
  }));

it('lets a lane that is full say so by itself, while the others go on', async () => {
  const [held, open] = [new HeldLane(FIRST), new HeldLane(SECOND)];
  open.letGo();
  await inRoom({ mode: 'contest', more: [held.lane, open.lane] }, async (inner) => {
    const { room } = inner;
    for (let tap = 0; tap < MAX_IN_FLIGHT; tap++) press(inner, `guest-${tap}`);
    const sold = (lane: LaneId) => room.state().lanes[lane]?.ops;
    await until(() => sold(SECOND) === MAX_IN_FLIGHT && sold('eventual') === MAX_IN_FLIGHT);
    expect(room.state().lanes[FIRST]).toMatchObject({ inFlight: MAX_IN_FLIGHT, ops: 0 });
    expect(room.state().lanes[SECOND]).toMatchObject({ inFlight: 0 });
    const late = inner.socket('late');
    press(inner, 'late');
    await until(() => acksIn(late).at(-1)?.eventual?.status === 'allocated');
    expect(acksIn(late).at(-1)).toMatchObject({
      safe: { status: 'allocated' },
      [FIRST]: { status: 'refused', code: 'BUSY', units: 1 },
      [SECOND]: { status: 'allocated' },
    });
    await room.commits.ask((tx) => control(tx, 'host', { mode: FIRST }, room.ports.lanes));
    press(inner, 'late');
    await until(() => late.some(({ t }) => t === 'nack'));
    expect(late.find(({ t }) => t === 'nack')).toMatchObject({ code: 'BUSY' });
    held.letGo();
    await settled(room);
    expect(room.state().lanes[FIRST]).toMatchObject({ ops: MAX_IN_FLIGHT, inFlight: 0 });
    await until(() => room.state().lanes[FIRST]?.refused.BUSY === 2);
  });
});

it('tells the engine with the opening, and with each sale what it took there; of the platform’s own nothing', async () => {
  const held = new HeldLane(FIRST);
  held.letGo();
  // Whatever D1's lane reports of its work: older verifiers read the logs of the pair.
  const bend = (lane: StoredLane): StoredLane => ({
    ...lane,
    carryOut: async (...order) => ({ ...(await lane.carryOut(...order)), work: WORK }),
  });
  await inRoom({ mode: 'contest', more: [held.lane], bend }, async (inner) => {
    await inner.tap().first;
    expect(told(inner, 'opened').map(({ body }) => body)).toMatchObject([
      { engines: { [FIRST]: { name: 'PostgreSQL', label: 'REAL ENGINE' } } },
    ]);
    const sold = told(inner, 'allocated').map(({ body }) => body);
    expect(sold.find(({ lane }) => lane === FIRST)).toMatchObject(WORK);
    for (const body of sold.filter(({ lane }) => lane !== FIRST)) expect(body).not.toHaveProperty('attempts');
    expect(inner.room.state().lanes[FIRST]).toMatchObject({ worked: 1, ...WORK });
    expect(inner.room.state().lanes.eventual).not.toHaveProperty('attempts');
    const checks = (await inner.room.audits.ask()).checks.filter(({ ok }) => !ok);
    expect(checks.map(({ found }) => found)).toEqual([expect.stringContaining('has no row')]);
  });
});

it('sets a lane away for the ops that follow, over a reset and a sleep, and refuses what cannot be', async () => {
  const [near, far] = [new HeldLane(FIRST), new HeldLane(SECOND, [0, 80])];
  far.letGo();
  await inRoom({ mode: SECOND, more: [near.lane, far.lane] }, async (inner) => {
    const { room, tables } = inner;
    const set = (lane: LaneId, ms: number) =>
      room.commits.ask((tx) => control(tx, 'host', { distance: { lane, ms }, step: 4 }, room.ports.lanes));
    for (const [lane, ms] of [
      [FIRST, 80],
      [SECOND, 150],
      ['eventual', 20],
      ['safe', 20],
      ['postgres-blind', 0],
    ] as const) {
      expect(await set(lane, ms)).toMatchObject({ code: 'INVALID_REQUEST' });
    }
    expect(room.memory.facts).toMatchObject({ step: 1, distances: {} });
    await inner.tap().first;
    for (let time = 0; time < 2; time++) expect(await set(SECOND, 80)).toBeNull();
    await inner.tap().first;
    expect(far.orders.map(({ distanceMs }) => distanceMs)).toEqual([0, 80]);
    expect(told(inner, 'distance').map(({ body }) => body)).toEqual([{ lane: SECOND, ms: 80, by: 'host' }]);
    await new Promise<void>((resolve, reject) => {
      room.resetting.reset(crypto.randomUUID(), 'host', () => resolve(), reject);
    });
    expect(loadMemory(tables, Date.now())?.facts.distances).toEqual({ [SECOND]: 80 });
    expect(room.state().lanes[SECOND]?.engine).toEqual({
      name: 'Redis',
      label: 'REAL ENGINE',
      distanceMs: 80,
    });
  });
});
