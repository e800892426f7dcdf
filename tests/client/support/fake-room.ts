/** A transport in memory and the words of a room, to drive a session by hand. */
import type { ResumePoint, Transport, TransportStatus } from '#lib/client/transport.ts';
import type { SessionSurroundings } from '#lib/client/session-surroundings.ts';
import { PresenterActs } from '#lib/client/presenter-acts.ts';
import { RoomSession } from '#lib/client/room-session.ts';
import type { Store } from '#lib/client/surroundings.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import type { LaneId, LaneResults, Mode } from '#lib/domain/lane.ts';
import type { Holding, LaneState, RoomState } from '#lib/domain/room-state.ts';
import type { Down, DownOf } from '#lib/protocol/down.ts';
import type { Up, UpOf } from '#lib/protocol/up.ts';
import { FakeTime } from './fake-time.ts';

/** Records what is sent; says what a test lets it say. */
export class FakeTransport implements Transport {
  readonly sent: Up[] = [];
  reconnects = 0;
  checks = 0;
  isOpen = false;
  isClosed = false;
  carries = true;
  #unanswered: ((isAlive: boolean) => void)[] = [];
  #message: (message: Down) => void = () => {};
  #status: (status: TransportStatus) => void = () => {};
  #now: TransportStatus = { kind: 'connecting' };

  readonly resume: () => ResumePoint | null;

  constructor(resume: () => ResumePoint | null) {
    this.resume = resume;
  }

  send(message: Up): boolean {
    if (this.isOpen) this.sent.push(message);
    return this.isOpen;
  }
  close(): void {
    this.isClosed = true;
  }
  onMessage(receive: (message: Down) => void): void {
    this.#message = receive;
  }
  onStatus(receive: (status: TransportStatus) => void): void {
    this.#status = receive;
    receive(this.#now);
  }
  reconnect(): void {
    this.reconnects += 1;
  }
  reach(then?: (isAlive: boolean) => void): void {
    this.checks += 1;
    if (this.carries) then?.(this.isOpen);
    else if (then) this.#unanswered.push(then);
  }
  /** The link died, or is slow: nobody was told yet. */
  dies(): void {
    this.carries = false;
  }
  /** The room answers everything that it was asked. */
  answers(): void {
    this.carries = this.isOpen;
    for (const then of this.#unanswered.splice(0)) then(this.isOpen);
  }

  say(message: Down): void {
    this.#message(message);
  }
  become(status: TransportStatus): void {
    this.isOpen = status.kind === 'open';
    this.carries = this.isOpen;
    for (const then of this.#unanswered.splice(0)) then(false);
    this.#now = status;
    this.#status(status);
  }
  get taps(): UpOf<'allocate'>[] {
    return this.sent.filter((message) => message.t === 'allocate');
  }
}

/** A store that lives in a map. */
export function memoryStore(): Store {
  const map = new Map<string, string>();
  return {
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
  };
}

/** A session on a fake transport, with everything a test may want to turn. */
export function startSession(change: Partial<SessionSurroundings> = {}) {
  const time = new FakeTime();
  const store = change.store ?? memoryStore();
  let transport!: FakeTransport;
  let acts!: PresenterActs;
  let made = 0;
  const session = new RoomSession({
    connect: (resume) => (transport = new FakeTransport(resume)),
    clock: time.clock,
    later: time.later,
    store,
    online: () => true,
    uuid: () => `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`,
    random: () => 0,
    room: 'K7QM2P.ticket',
    onChange: () => {},
    presents: (needs) => (acts = new PresenterActs(needs)),
    ...change,
  });
  return { session, acts, transport, time, store };
}

/** A session that was welcomed. */
export function connectedSession(change: Partial<SessionSurroundings> = {}, hello: Welcome = {}) {
  const started = startSession(change);
  started.transport.become({ kind: 'open' });
  started.transport.say(welcome(hello));
  return started;
}

type Welcome = Partial<Omit<DownOf<'welcome'>, 't' | 'you' | 'state'>> & {
  you?: string;
  holdings?: Holding[];
  mode?: Mode;
  /** Of the show; the pair when missing. */
  lanes?: readonly LaneId[];
};

/** The first word of a room. */
export function welcome({ you = 'me', holdings = [], mode = 'safe', lanes, ...rest }: Welcome = {}): Down {
  const { epoch = 1, seq = 10 } = rest;
  const ofShow = lanes && { lanes: Object.fromEntries(lanes.map((lane) => [lane, laneState()])) };
  return {
    t: 'welcome',
    v: 1,
    room: 'K7QM2P.ticket',
    you: { id: you, label: 'amber-otter', role: 'participant', holdings },
    epoch,
    seq,
    recovered: false,
    events: [],
    state: roomState({ epoch, seq, mode, ...ofShow }),
    instance: 'one',
    wakes: 1,
    now: FakeTime.WALL,
    ...rest,
  };
}

/** A frame of the range `from`..`seq`, complete unless told otherwise. */
export function frame(from: number, seq: number, change: Partial<DownOf<'frame'>> = {}): Down {
  const { epoch = 1 } = change;
  const events = Array.from({ length: seq - from + 1 }, (_, place) => event(from + place, epoch));
  return { t: 'frame', epoch, from, seq, events, omitted: 0, state: roomState({ epoch, seq }), ...change };
}

export function event(seq: number, epoch = 1): RoomEvent {
  const body = { step: 1, by: 'amber-otter' };
  return { seq, epoch, atMs: FakeTime.WALL + seq, kind: 'step', body, hash: `hash-${seq}` };
}

export function ack(op: string, lanes: LaneResults, epoch = 1): Down {
  return { t: 'ack', op, epoch, lanes };
}

export function nack(op: string | null, code: DownOf<'nack'>['code'], retryAfterMs?: number): Down {
  return {
    t: 'nack',
    ...(op === null ? {} : { op }),
    code,
    message: 'No.',
    ...(retryAfterMs ? { retryAfterMs } : {}),
  };
}

export function held(op: string, change: Partial<Holding> = {}): Holding {
  return { op, lane: 'safe', units: 1, seq: 11, fate: 'kept', holders: 1, ...change };
}

export const allocated = (lane: LaneId = 'safe', seq = 11): LaneResults => ({
  [lane]: { status: 'allocated', units: 1, seq },
});

export function roomState(change: Partial<RoomState> = {}): RoomState {
  return {
    room: 'K7QM2P.ticket',
    show: 'K7QM2P',
    sku: { id: 'ticket', name: 'Concert ticket', capacity: 100, unitPrice: 150 },
    epoch: 1,
    seq: 10,
    mode: 'safe',
    step: 1,
    hold: null,
    people: { phones: 1, stages: 1, practice: 0 },
    lanes: { safe: laneState(), eventual: laneState() },
    ledger: {
      virtualUsd: 0,
      platformUsd: 0,
      exposureUsd: 0,
      realUsd: 0,
      limitUsd: 0,
      billingScale: 1e-9,
      loadFactor: 100_000,
      locked: false,
    },
    guardrail: { tripped: false, by: null, atMs: null, thresholdUsd: 100, action: 'warn' },
    closesAt: FakeTime.WALL + 1_200_000,
    ...change,
  };
}

export function laneState(change: Partial<LaneState> = {}): LaneState {
  return {
    capacity: 100,
    acknowledged: 0,
    stored: 0,
    lostUnits: 0,
    oversellDelta: 0,
    ops: 0,
    refused: {},
    inFlight: 0,
    conflicts: 0,
    latency: { n: 0, p50: null, p95: null, p99: null },
    engine: { name: 'Durable Objects', label: 'REAL ENGINE', distanceMs: 0 },
    ...change,
  };
}
