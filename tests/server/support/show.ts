/** A show as the room tests need it: a presenter, a stage, phones, and ways to put the room to sleep. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import type { AuditCheck, AuditResult } from '#lib/domain/audit-findings.ts';
import type { LoginResult, RushResult } from '#lib/protocol/http.ts';
import { roomName } from '#lib/protocol/paths.ts';
import { TestClient } from './client.ts';
import { freshAddress, TestSite } from './site.ts';
import type { Overrides } from './site.ts';

/** One show with one SKU, its stage connected. */
export class TestShow {
  readonly site: TestSite;
  readonly presenter: LoginResult;
  readonly stage: TestClient;

  private constructor(site: TestSite, presenter: LoginResult, stage: TestClient) {
    this.site = site;
    this.presenter = presenter;
    this.stage = stage;
  }

  static async open(
    sku: { name?: string; capacity?: number; unitPrice?: number } = {},
    mode: Mode = 'safe',
    overrides: Overrides = {},
    lanes?: readonly LaneId[],
  ): Promise<TestShow> {
    const site = new TestSite(overrides);
    const presenter = await site.openShow({ skus: [{ id: 'ticket', ...sku }], ...(lanes ? { lanes } : {}) });
    const stage = await TestClient.connect(site, presenter);
    const show = new TestShow(site, presenter, stage);
    if (mode !== stage.state?.mode) await show.setMode(mode);
    return show;
  }

  get room() {
    return env.ROOM.getByName(roomName(this.presenter.show, 'ticket'));
  }

  async setMode(mode: Mode): Promise<void> {
    this.stage.send({ t: 'control', mode });
    await this.stage.until(() => this.stage.state?.mode === mode);
  }

  /** A phone of its own. */
  async phone(): Promise<TestClient> {
    return TestClient.connect(this.site, await this.site.join(this.presenter.show));
  }

  phones(count: number): Promise<TestClient[]> {
    return Promise.all(Array.from({ length: count }, () => this.phone()));
  }

  /** The room forgets everything that it has not stored, as it does when it hibernates; its sockets stay. */
  async sleep(): Promise<void> {
    await evictDurableObject(this.room);
  }

  /** The same, and every socket is cut. */
  async cut(): Promise<void> {
    await evictDurableObject(this.room, { webSockets: 'close' });
  }

  /** Resets the room over HTTP, from an address that no other reset comes from, and waits until the stage knows. */
  async reset(): Promise<void> {
    const epoch = this.stage.epoch + 1;
    const asked = { token: this.presenter.token, body: { skuId: 'ticket' }, ip: freshAddress() };
    const { status } = await this.site.call('/api/demo/reset', asked);
    if (status !== 200) throw new Error(`The reset was answered ${status}.`);
    await this.stage.until(() => this.stage.epoch === epoch);
  }

  /** The room's process dies with whatever it was doing; its sockets are gone. */
  async die(): Promise<void> {
    await runInDurableObject(this.room, (_room, state) => state.abort('the test has killed this room')).catch(
      () => {},
    );
  }

  async rush(count: number, order: { units?: number; mode?: Mode } = {}): Promise<RushResult> {
    const { token } = this.presenter;
    const body = { skuId: 'ticket', count, ...order };
    const { data } = await this.site.call<RushResult>('/api/demo/rush', { token, body });
    return data;
  }

  /** The checks that fail, of the room's own audit: none, in a room that keeps its promises. */
  async failedChecks(): Promise<AuditCheck[]> {
    const { token } = this.presenter;
    const { data } = await this.site.call<AuditResult>('/api/demo/audit?skuId=ticket', { token });
    if (data.checks.length === 0) throw new Error('The audit checked nothing.');
    return data.checks.filter((check) => !check.ok);
  }

  /** Waits until the stage shows a settled room in which something holds. */
  async settled(holds: () => boolean = () => true): Promise<void> {
    const isSettled = () => Object.values(this.stage.state?.lanes ?? {}).every((lane) => lane.inFlight === 0);
    await this.stage.until(() => isSettled() && holds());
  }
}
