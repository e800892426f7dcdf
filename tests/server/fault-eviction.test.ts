/** The room is thrown out of memory between any two steps: it comes back as the same room, to everybody. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import { randomFrom } from '#lib/rehearsal/random.ts';
import { canonical } from '../faults/checker/canonical.ts';
import { figures, LONG, SEED } from '../faults/support/run.ts';
import { TestClient } from './support/client.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

const ROOMS = LONG ? 10 : 6;
/** 500 in the long form. */
const EVICTIONS_EACH = LONG ? 50 : 6;
/** Being looked at costs something, and what it cost trips nothing here. */
const NO_THRESHOLD = { VIRTUAL_COST_THRESHOLD: '1000000000' };

type Random = () => number;
const some = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

/** A room, who is in it, and what they do. */
class Scene {
  readonly show: TestShow;
  readonly phones: TestClient[];
  readonly #random: Random;

  private constructor(show: TestShow, phones: TestClient[], random: Random) {
    this.show = show;
    this.phones = phones;
    this.#random = random;
  }

  static async open(seed: number): Promise<Scene> {
    const show = await TestShow.open({ capacity: 60 }, 'both', NO_THRESHOLD);
    return new Scene(show, await show.phones(2), randomFrom(seed));
  }

  /** One step of a show, to its end. */
  async step(): Promise<string> {
    const { stage } = this.show;
    const phone = some(this.#random, this.phones);
    const steps: Record<string, () => Promise<unknown>> = {
      tap: () => phone.buy({ units: 1 + Math.floor(this.#random() * 3), rttMs: 5 + this.#random() * 90 }),
      'tap again': () => phone.buy({ op: lastOp(phone) }),
      'too much': () => phone.buy({ units: 50 }),
      'old epoch': () => phone.buy({ epoch: phone.epoch - 1 }),
      nonsense: () => heard(phone, () => phone.sendRaw('{"t":')),
      mode: () => this.show.setMode(some(this.#random, ['safe', 'eventual', 'both'])),
      step: () => {
        const step = stage.state?.step === 3 ? 4 : 3;
        stage.send({ t: 'control', step });
        return stage.until(() => stage.state?.step === step);
      },
      guardrail: () => {
        const tripped = !stage.state?.guardrail.tripped;
        stage.send({ t: 'guardrail', action: tripped ? 'trip' : 'clear' });
        return stage.until(() => stage.state?.guardrail.tripped === tripped);
      },
      rush: () => this.show.rush(8),
      newcomer: async () => (await this.show.phone()).close(),
      reset: async () => {
        await this.show.reset();
        await Promise.all(this.phones.map((each) => each.until(() => each.epoch === stage.epoch)));
      },
    };
    const name = some(this.#random, Object.keys(steps));
    await steps[name]!();
    return name;
  }

  /** Waits until the room has nothing left to do or to tell. */
  async quiet(): Promise<void> {
    const { stage } = this.show;
    await stage.until(
      () =>
        // What phones measured is told once a minute, also when nothing else is left to tell.
        stage.events.findLast(({ kind }) => kind !== 'latency')?.kind === 'cost' &&
        stage.state?.lanes.eventual?.inFlight === 0 &&
        stage.state.people.phones === this.phones.length,
    );
  }

  /** What the room knows, but for what it costs to ask it: one hash. */
  async hash(): Promise<string> {
    const { token } = this.show.presenter;
    const { data } = await this.show.site.call<FullRoomState>('/api/demo/state?skuId=ticket', { token });
    const { ledger, seq: _seq, ...state } = data;
    const { exposureUsd, realUsd, locked } = ledger;
    const known = { ...state, ledger: { exposureUsd, realUsd, locked } };
    return createHash('sha256').update(canonical(known)).digest('hex');
  }

  /** The log without what a clock writes: the price of looking at it, and once a minute what phones measured. */
  async acts(): Promise<string[]> {
    const { events, lines } = await exportLog(this.show.site, this.show.presenter.token);
    return lines.filter((_, index) => !['cost', 'latency'].includes(events[index]?.kind ?? ''));
  }
}

it(`is the same room after each of ${ROOMS * EVICTIONS_EACH} evictions between steps, sockets kept`, async () => {
  console.log(`eviction: SEED=${SEED}`);
  const tally = new Map<string, number>();
  let events = 0;
  await Promise.all(
    Array.from({ length: ROOMS }, async (_, room) => {
      const scene = await Scene.open(SEED + room);
      const { show } = scene;
      const { instance, wakes } = show.stage.welcome;
      for (let eviction = 0; eviction < EVICTIONS_EACH; eviction += 1) {
        const name = await scene.step();
        tally.set(name, (tally.get(name) ?? 0) + 1);
        await scene.quiet();
        const before = { hash: await scene.hash(), acts: await scene.acts() };
        await show.sleep();
        expect(await scene.hash(), `seed ${SEED + room}: the state after ${name}`).toBe(before.hash);
        expect(await scene.acts(), `seed ${SEED + room}: the log after ${name}`).toEqual(before.acts);
      }
      const late = await TestClient.connect(show.site, show.presenter);
      expect(late.welcome.instance).not.toBe(instance);
      expect(late.welcome.wakes, 'every eviction was one').toBe(wakes + EVICTIONS_EACH);
      for (const client of [show.stage, ...scene.phones]) expect(client.closed).toBeNull();
      expect(await show.failedChecks()).toEqual([]);
      events += late.welcome.seq;
    }),
  );
  figures('eviction, sockets kept', {
    evictions: ROOMS * EVICTIONS_EACH,
    rooms: ROOMS,
    steps: Object.fromEntries(tally),
    'state hashes that differ': 0,
    'events in the logs': events,
    'sockets lost': 0,
  });
});

function lastOp(phone: TestClient): string {
  const ack = phone.messages.findLast((message) => message.t === 'ack');
  return ack?.op ?? crypto.randomUUID();
}

/** Does something and waits for the next message. */
async function heard(phone: TestClient, act: () => void): Promise<void> {
  const before = phone.messages.length;
  act();
  await phone.until(() => phone.messages.length > before);
}
