/** A room that answers calls in memory, and a socket beside it, to drive a phone without sockets by hand. */
import type { ApiFailure, ApiResult } from '#lib/client/api.ts';
import { offline } from '#lib/client/api.ts';
import type { RoomCalls } from '#lib/client/call-transport.ts';
import type { Holding, StateAnswer } from '#lib/domain/room-state.ts';
import type { AllocateResult } from '#lib/protocol/http.ts';
import type { UpOf } from '#lib/protocol/up.ts';
import { allocated, FakeTransport, held, roomState } from './fake-room.ts';
import { FakeTime } from './fake-time.ts';
import { meta } from './mock-meta.ts';

/** The state as a call answers it. */
export function stateAnswer(change: Partial<StateAnswer> = {}, holdings: Holding[] = []): StateAnswer {
  const state = roomState();
  return { ...state, ledger: { ...state.ledger, lines: [] }, holdings, ...change };
}

/** What a call came to that was refused, or had no answer of the show. */
export function failed(
  code: ApiFailure['code'],
  status = 400,
  retryAfterMs: number | null = null,
): ApiFailure {
  return { ok: false, code, message: 'No.', retryAfterMs, status };
}

/** Sells once for each op, answers what it is told to answer, and counts. */
export class CalledHost implements RoomCalls {
  looks = 0;
  readonly orders: UpOf<'allocate'>[] = [];
  /** By op, each once. */
  readonly sold = new Map<string, number>();
  /** What is answered in place of the state, or of an order after it was done; null: the truth. */
  failure: ApiFailure | null = null;
  orderFailure: ApiFailure | null = null;
  ended = false;
  #epoch = 1;
  #seq = 10;

  state(): Promise<ApiResult<StateAnswer>> {
    this.looks += 1;
    if (this.failure) return Promise.resolve(this.failure);
    const holdings = [...this.sold].map(([op, seq]) => held(op, { seq }));
    const data = stateAnswer({ epoch: this.#epoch, seq: this.#seq }, holdings);
    return Promise.resolve({
      ok: true,
      data: { ...data, ...(this.ended && { ended: true as const }) },
      meta: meta(),
    });
  }

  order(order: UpOf<'allocate'>): Promise<ApiResult<AllocateResult>> {
    this.orders.push(order);
    const { op } = order;
    if (this.failure) return Promise.resolve(this.failure);
    const seq = this.sold.get(op) ?? (this.#seq += 1);
    this.sold.set(op, seq);
    if (this.orderFailure) return Promise.resolve(this.orderFailure);
    const figures = { unitsAvailable: 1, totalAllocated: 1, oversellDelta: 0, lostUnits: 0 };
    const data = {
      opId: op,
      skuId: 'ticket',
      epoch: this.#epoch,
      mode: 'safe' as const,
      lanes: allocated('safe', seq),
    };
    return Promise.resolve({ ok: true, data: { ...data, ...figures }, meta: meta() });
  }

  reset(): void {
    this.#epoch += 1;
    this.#seq += 1;
    this.sold.clear();
  }

  /** Nothing comes through any more. */
  goAway(): void {
    this.failure = offline();
  }
}

/** Everything that a transport by calls needs, on a clock that a test moves. */
export function calledWorld() {
  const time = new FakeTime();
  const host = new CalledHost();
  const world = {
    time,
    host,
    isVisible: true,
    wakes: new Set<() => void>(),
    /** Sockets that were tried, oldest first. */
    sockets: [] as FakeTransport[],
    wake: () => {
      for (const wake of world.wakes) wake();
    },
    /** Lets what was asked be answered, then time go, half a second at a time. */
    pass: async (ms: number) => {
      await answered();
      for (let left = ms; left > 0; left -= 500) {
        time.pass(Math.min(left, 500));
        await answered();
      }
    },
  };
  const page = {
    isVisible: () => world.isVisible,
    onWake: (wake: () => void) => {
      world.wakes.add(wake);
      return () => world.wakes.delete(wake);
    },
  };
  const needs = {
    clock: time.clock,
    later: time.later,
    page,
    calls: host,
    whose: { id: 'me', label: 'amber-otter' },
    socket: (resume: FakeTransport['resume']) => {
      const socket = new FakeTransport(resume);
      world.sockets.push(socket);
      return socket;
    },
  };
  return { world, needs, time, host };
}

/** Promises that are settled are heard. */
async function answered(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}
