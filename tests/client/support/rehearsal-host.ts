/** Rehearsals as a host of the conformance scenarios: time goes on as far as somebody waits for something. */
import { PAIR } from '#lib/domain/lanes.ts';
import type { Down } from '#lib/protocol/down.ts';
import type { LoginResult } from '#lib/protocol/http.ts';
import { answerCall } from '#lib/rehearsal/calls.ts';
import type { CallAnswer } from '#lib/rehearsal/envelope.ts';
import { REHEARSED, Show } from '#lib/rehearsal/show.ts';
import { RoomClient } from '../../conformance/client.ts';
import type { Answered, Asked, Host, HostedShow, Plan, Resume } from '../../conformance/host.ts';
import { BEGAN_AT_MS } from './rehearsal.ts';

/** How long of the rehearsal's own time something is waited for, milliseconds; a rush may take a minute. */
const PATIENCE_MS = 90_000;

/** The rehearsal as a host. */
export const rehearsal: Host = {
  name: 'a rehearsal',
  isSimulated: true,
  lanes: PAIR,
  sleeps: false,
  open: async (plan = {}) => new RehearsedShow(plan),
};

class RehearsedShow implements HostedShow {
  readonly presenter: LoginResult;
  readonly #show: Show;

  constructor({ skuIds = ['ticket'], capacity = 100, unitPrice = 150, config }: Plan) {
    const skus = skuIds.map((id) => ({ id, name: id, capacity, unitPrice }));
    const beginning = { show: 'REHEAR', skus, mode: 'safe', step: 1, seed: 7 } as const;
    this.#show = new Show(beginning, BEGAN_AT_MS, { ...REHEARSED, ...config });
    this.presenter = this.#login('presenter');
  }

  async join(): Promise<LoginResult> {
    return this.#login('participant');
  }

  async joinAgain(): Promise<LoginResult> {
    return this.#login('presenter');
  }

  async connect({ token, skus }: LoginResult, resume?: Resume): Promise<RoomClient> {
    return new ScreenClient(this.#show, token, skus[0]!.id, resume ?? null);
  }

  async call<T>(person: LoginResult | null, path: string, asked: Asked = {}): Promise<Answered<T>> {
    const { status, text } = await this.#answerTo(person, path, asked);
    return { status, ...(JSON.parse(text) as Omit<Answered<T>, 'status'>) };
  }

  async exportLog(person: LoginResult): Promise<Uint8Array> {
    const { text } = await this.#answerTo(person, `/api/demo/log?skuId=${person.skus[0]!.id}`, {});
    return new TextEncoder().encode(text);
  }

  async end(): Promise<void> {
    await this.call(this.presenter, '/api/auth/logout', { body: {} });
  }

  async pass(ms: number): Promise<void> {
    this.#show.schedule.advance(this.#show.schedule.nowMs + ms);
  }

  #login(role: string): LoginResult {
    let answer: CallAnswer | null = null;
    const call = { method: 'POST', path: '/api/auth/login', body: JSON.stringify({ role }), headers: {} };
    answerCall(this.#show, call, (given) => (answer = given));
    return (JSON.parse((answer as unknown as CallAnswer).text) as { data: LoginResult }).data;
  }

  async #answerTo(person: LoginResult | null, path: string, asked: Asked): Promise<CallAnswer> {
    const { body, key, method = body === undefined ? 'GET' : 'POST' } = asked;
    const headers = {
      ...(person ? { authorization: `Bearer ${person.token}` } : {}),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    let answer: CallAnswer | null = null;
    answerCall(this.#show, { method, path, body: text, headers }, (given) => (answer = given));
    await waitFor(this.#show, () => answer !== null);
    return answer as unknown as CallAnswer;
  }
}

/** A screen of a rehearsal. */
class ScreenClient extends RoomClient {
  readonly #show: Show;
  readonly #entered: ReturnType<Show['enter']>;

  constructor(show: Show, token: string, skuId: string, resume: Resume | null) {
    super();
    this.#show = show;
    const line = {
      hear: (text: string) => this.take(text),
      hangUp: (code: number, reason: string) => void (this.closed = { code, reason }),
    };
    this.#entered = show.enter(skuId, show.session(token), line, resume);
  }

  sendRaw(data: string | ArrayBuffer): void {
    if (typeof data !== 'string') throw new Error('A screen of a rehearsal says texts.');
    if (this.closed === null) this.#entered?.say(data);
  }

  close(): void {
    this.#entered?.leave();
    this.closed ??= { code: 1000, reason: 'done' };
  }

  until(holds: () => boolean): Promise<void> {
    return waitFor(this.#show, holds, () => this.messages.at(-1));
  }
}

/** Lets time go on, one step after the other, until something holds. */
async function waitFor(
  { schedule }: Show,
  holds: () => boolean,
  heard?: () => Down | undefined,
): Promise<void> {
  const untilMs = schedule.nowMs + PATIENCE_MS;
  while (!holds()) {
    const nextMs = schedule.nextMs;
    if (nextMs === null || nextMs > untilMs) {
      throw new Error(`Waited in vain; last heard ${JSON.stringify(heard?.())}`);
    }
    schedule.advance(nextMs);
    // Others wait at the same time.
    await Promise.resolve();
  }
}
