/** A show as the scenarios use it: its presenter's stage, phones, and what anybody can read of it. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { AuditCheck, AuditResult } from '#lib/domain/audit-findings.ts';
import type { EventKind, EventOf, RoomEvent } from '#lib/domain/events.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import type { LaneState, StateAnswer } from '#lib/domain/room-state.ts';
import type { AllocateResult, LoginResult, RushResult } from '#lib/protocol/http.ts';
import { Verifier } from '#lib/verify/verifier.ts';
import type { RoomClient } from './client.ts';
import type { Answered, Asked, Host, HostedShow, Plan } from './host.ts';

/** A log as anybody takes it home. */
export interface TakenLog {
  header: Record<string, unknown>;
  events: RoomEvent[];
  last: { head: string; seq: number };
}

/** One show with one room, its stage connected. */
export class Scene {
  readonly show: HostedShow;
  readonly stage: RoomClient;

  private constructor(show: HostedShow, stage: RoomClient) {
    this.show = show;
    this.stage = stage;
  }

  static async open(host: Host, plan: Plan = {}, mode: Mode = 'safe'): Promise<Scene> {
    const show = await host.open(plan);
    const scene = new Scene(show, await show.connect(show.presenter));
    if (mode !== 'safe') await scene.setMode(mode);
    return scene;
  }

  get presenter(): LoginResult {
    return this.show.presenter;
  }

  async setMode(mode: Mode): Promise<void> {
    this.stage.send({ t: 'control', mode });
    await this.stage.until(() => this.stage.state?.mode === mode);
  }

  /** A phone of its own. */
  async phone(): Promise<RoomClient> {
    return this.show.connect(await this.show.join());
  }

  phones(count: number): Promise<RoomClient[]> {
    return Promise.all(Array.from({ length: count }, () => this.phone()));
  }

  /** A participant, and their phone. */
  async guest(): Promise<{ person: LoginResult; phone: RoomClient }> {
    const person = await this.show.join();
    return { person, phone: await this.show.connect(person) };
  }

  /** A call of the presenter. */
  call<T>(path: string, asked: Asked = {}): Promise<Answered<T>> {
    return this.show.call<T>(this.presenter, path, asked);
  }

  /** One order over HTTP. */
  order(person: LoginResult, body: object = {}, key?: string): Promise<Answered<AllocateResult>> {
    const asked = { body: { skuId: 'ticket', ...body }, ...(key === undefined ? {} : { key }) };
    return this.show.call<AllocateResult>(person, '/api/demo/allocate', asked);
  }

  async rush(count: number, order: { units?: number; mode?: Mode } = {}): Promise<RushResult> {
    const body = { skuId: 'ticket', count, ...order };
    return (await this.call<RushResult>('/api/demo/rush', { body })).data;
  }

  /** The room's state as a call answers it. */
  async state(person = this.presenter): Promise<StateAnswer> {
    const path = '/api/demo/state?skuId=ticket';
    return (await this.show.call<StateAnswer>(person, path)).data;
  }

  /** Resets over the stage's socket, and waits until it is told of the new epoch. */
  async reset(key: string = crypto.randomUUID()): Promise<void> {
    const epoch = this.stage.epoch + 1;
    this.stage.send({ t: 'reset', op: key });
    await this.stage.until(() => this.stage.epoch === epoch);
  }

  /** A lane as the stage shows it. */
  lane(lane: LaneId): LaneState {
    if (!this.stage.state) throw new Error('The stage has not been told anything.');
    return ofLane(this.stage.state.lanes, lane);
  }

  /** Waits until the stage shows a room with nothing in flight in which something holds. */
  settled(holds: () => boolean = () => true): Promise<void> {
    return this.stage.until(() => this.lane('eventual').inFlight === 0 && holds());
  }

  /** The checks of the room's own audit that fail: none, in a room that keeps its promises. */
  async failedChecks(person = this.presenter): Promise<AuditCheck[]> {
    const { data } = await this.show.call<AuditResult>(person, '/api/demo/audit?skuId=ticket');
    if (data.checks.length === 0) throw new Error('The audit checked nothing.');
    expect(data.ok).toBe(data.checks.every(({ ok }) => ok));
    return data.checks.filter(({ ok }) => !ok);
  }

  /** Takes the log home, and holds it to what the verifier holds every log to. */
  async log(person = this.presenter): Promise<TakenLog> {
    const bytes = await this.show.exportLog(person);
    const verifier = new Verifier({ sha256: (text) => createHash('sha256').update(text).digest('hex') });
    verifier.push(bytes);
    expect(verifier.finish().checks.filter(({ ok }) => !ok)).toEqual([]);
    const lines = new TextDecoder().decode(bytes).trimEnd().split('\n');
    const [header, ...events] = lines.map((line) => JSON.parse(line) as unknown);
    const last = events.pop() as TakenLog['last'];
    return { header: header as TakenLog['header'], events: events as RoomEvent[], last };
  }
}

/** Events of one kind. */
export function ofKind<K extends EventKind>(events: readonly RoomEvent[], kind: K): EventOf<K>[] {
  return events.filter((event): event is EventOf<K> => event.kind === kind);
}

/** Refusals that a log has counted, by lane and code. */
export function refusalsIn(events: readonly RoomEvent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { body } of ofKind(events, 'refused'))
    for (const [code, count] of Object.entries(body.counts)) {
      const name = `${body.lane} ${code}`;
      counts[name] = (counts[name] ?? 0) + count;
    }
  return counts;
}
