/** Rooms in their objects, on the real runtime, as a host of the conformance scenarios. */
import type { RoomConfig } from '#lib/domain/events.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import type { LoginResult } from '#lib/protocol/http.ts';
import type { Answered, Asked, Host, HostedShow, Plan, Resume } from '../../conformance/host.ts';
import { TestClient } from './client.ts';
import type { Overrides } from './site.ts';
import { freshAddress, logIn, requestFor, TestSite } from './site.ts';

/** The rooms' object as a host. */
export const object: Host = {
  name: 'the object',
  isSimulated: false,
  lanes: PAIR,
  sleeps: true,
  open: async ({ skuIds = ['ticket'], capacity = 100, unitPrice = 150, config = {}, lanes }: Plan = {}) => {
    const site = new TestSite(overridesOf(config));
    const skus = skuIds.map((id) => ({ id, capacity, unitPrice }));
    return new HostedBySite(site, await site.openShow({ skus, ...(lanes ? { lanes } : {}) }));
  },
};

class HostedBySite implements HostedShow {
  readonly presenter: LoginResult;
  readonly #site: TestSite;
  /** Resets are limited by address: a show's calls come from one that no other show has. */
  readonly #address = freshAddress();

  constructor(site: TestSite, presenter: LoginResult) {
    this.#site = site;
    this.presenter = presenter;
  }

  join(): Promise<LoginResult> {
    return this.#site.join(this.presenter.show);
  }

  async joinAgain(): Promise<LoginResult> {
    const { show, token } = this.presenter;
    return (await logIn(this.#site, { role: 'presenter', show }, { token })).data;
  }

  connect(person: LoginResult, resume: Resume | null = null): Promise<TestClient> {
    return TestClient.connect(this.#site, person, resume, undefined, this.#address);
  }

  call<T>(person: LoginResult | null, path: string, { key, ...asked }: Asked = {}): Promise<Answered<T>> {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    return this.#site.call<T>(path, { ...asked, token: person?.token, headers, ip: this.#address });
  }

  async exportLog({ token, skus }: LoginResult): Promise<Uint8Array> {
    const path = `/api/demo/log?skuId=${skus[0]!.id}`;
    const response = await this.#site.send(requestFor(path, { token, ip: this.#address }));
    return new Uint8Array(await response.arrayBuffer());
  }

  async end(): Promise<void> {
    await this.call(this.presenter, '/api/auth/end', { body: {} });
  }

  pass(ms: number): Promise<void> {
    return scheduler.wait(ms);
  }
}

/** A configuration as variables of the Worker. */
function overridesOf(config: Partial<RoomConfig>): Overrides {
  const names: Record<keyof RoomConfig, keyof Overrides> = {
    billingScale: 'BILLING_SCALE',
    demoCostLimit: 'DEMO_COST_LIMIT',
    virtualLoadFactor: 'VIRTUAL_LOAD_FACTOR',
    virtualCostThreshold: 'VIRTUAL_COST_THRESHOLD',
    guardrailAction: 'GUARDRAIL_ACTION',
    raceWindowMs: 'RACE_WINDOW_MS',
  };
  const set = Object.entries(config).map(([name, value]) => [names[name as keyof RoomConfig], String(value)]);
  return Object.fromEntries(set) as Overrides;
}
