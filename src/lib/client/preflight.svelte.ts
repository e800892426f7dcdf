/** The pre-flight check as a page's live state: runs what can be run, listens to the room, and judges all of it. */
import { placeOf } from './place.ts';
import type { PresenterApi } from './presenter-api.ts';
import type { Identity } from './identity.ts';
import { connectionWords } from './words.ts';
import { PresentedRoom } from './presenter-room.ts';
import type { SessionKeeper } from './session-keeper.ts';
import { keepSession } from './session-keeper.ts';
import type { PreflightFindings } from './preflight-findings.ts';
import type { PreflightGroup } from './preflight-rows.ts';
import { preflightGroups, preflightSummary } from './preflight-rows.ts';
import { probeSocket } from './preflight-socket.ts';
import { probeWakeLock } from './stay-awake.ts';
import { socketUrl } from './socket.ts';
import { browserClock, browserTime } from './surroundings.ts';
import { roomPath } from '#lib/protocol/paths.ts';

type Measured = Pick<PreflightFindings, 'health' | 'site' | 'socket' | 'widget' | 'wakeLock'>;
const NOTHING: Measured = { health: null, site: null, socket: null, widget: null, wakeLock: null };

/** Make one in the browser only, and {@link Preflight.close} it when its page goes. */
export class Preflight {
  readonly room: PresentedRoom;
  readonly session: SessionKeeper;
  #measured = $state.raw<Measured>(NOTHING);
  #isRunning = $state(false);
  #screen = $state.raw(screenNow());
  #readable = $state.raw<boolean | null>(null);
  readonly #groups: PreflightGroup[] = $derived(preflightGroups(this.#findings()));
  readonly #summary = $derived(preflightSummary(this.#groups));
  readonly #api: PresenterApi;
  readonly #show: string;
  readonly #skuId: string;
  readonly #loadWidget: () => Promise<boolean>;

  /** `loadWidget` asks for Turnstile's script as a phone would, and says whether it came. */
  constructor(api: PresenterApi, identity: Identity, skuId: string, loadWidget: () => Promise<boolean>) {
    this.#api = api;
    this.#show = identity.show;
    this.#skuId = skuId;
    this.#loadWidget = loadWidget;
    this.room = new PresentedRoom({ show: identity.show, skuId });
    this.session = keepSession(api, identity, () => this.room.clockOffsetMs);
  }

  /** The checks with their results, by group. */
  get groups(): PreflightGroup[] {
    return this.#groups;
  }
  /** How many checks passed, and the verdict. */
  get summary(): ReturnType<typeof preflightSummary> {
    return this.#summary;
  }
  /** True while the checks run. */
  get isRunning(): boolean {
    return this.#isRunning;
  }
  /** What the presenter says of the test picture. */
  get readable(): boolean | null {
    return this.#readable;
  }
  set readable(said: boolean) {
    this.#readable = said;
  }

  /** Measures everything anew, one after the other, so that no measurement disturbs the next. */
  async run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#measured = NOTHING;
    this.resized();
    const since = browserClock.monotonic();
    const answer = await this.#api.health();
    this.#found({ health: { answer, ms: browserClock.monotonic() - since } });
    this.#found({ wakeLock: await probeWakeLock() });
    const site = await this.#api.preflight(this.#skuId);
    this.#found({ site });
    this.#found({ socket: await this.#probeSocket() });
    const hasGate = site.ok && site.data.turnstile.state !== 'off';
    const widget = !hasGate ? 'off' : (await this.#loadWidget()) ? 'loaded' : 'failed';
    this.#found({ widget });
    this.#isRunning = false;
  }

  /** The window has another size, or stands on another screen. */
  resized(): void {
    this.#screen = screenNow();
  }

  /** Closes the room and the session with the page. */
  close(): void {
    this.room.close();
    this.session.close();
  }

  #probeSocket() {
    const base = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`;
    const url = socketUrl(base, roomPath(this.#show, this.#skuId), 'presenter', null);
    return probeSocket({ open: () => new WebSocket(url), ...browserTime });
  }

  #found(more: Partial<Measured>): void {
    this.#measured = { ...this.#measured, ...more };
  }

  /** Where phones would go: a server behind a tunnel tells. */
  #place(): PreflightFindings['place'] {
    const answer = this.#measured.health?.answer;
    return placeOf(answer?.ok ? answer.data.publicAddress : null);
  }

  #findings(): PreflightFindings {
    const { isGood, words } = connectionWords(this.room.connection);
    const { nowMs, expiresAt, remainingMs } = this.session.view;
    return {
      ...this.#measured,
      fullScreen: document.fullscreenEnabled,
      screen: this.#screen,
      readable: this.#readable,
      place: this.#place(),
      room: { isConnected: isGood, words, phones: this.room.state?.people.phones ?? null },
      remainingMs,
      showLeftMs: Math.max(0, (this.room.state?.closesAt ?? expiresAt) - nowMs),
    };
  }
}

function screenNow(): PreflightFindings['screen'] {
  return { width: innerWidth, height: innerHeight, pixelRatio: devicePixelRatio };
}
