/**
 * The main way of a show in every browser that this machine has beside Chromium, each started once. What a test does is seen by
 * the next one: it is one show, from the door to the receipts. The phone sits behind a proxy, which is its network.
 * Longer than other files: one show.
 */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { LaneId } from '#lib/domain/lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { Site } from '../../scripts/crowd/site.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { Phone } from '../faults/support/phone.ts';
import { Proxy } from '../faults/support/proxy.ts';
import type { Browser } from './support/browser.ts';
import { earBefore } from './support/ear.ts';
import type { Ear } from './support/ear.ts';
import { candidates } from './support/installed.ts';
import { Screen } from './support/screen.ts';

const SKU = 'last-row';
const STAGE = { width: 1600, height: 900 };
const CONTROL = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const SALE = 'button.tap[aria-disabled="false"]';
const MINE = 'section[aria-labelledby="mine"]';
/** Firefox says in its console that a connection was cut: the tests cut it. */
const CUT = /can.t establish a connection|connection to ws:\S+ was interrupted|NetworkError|Load failed/;
/**
 * And, at any time, that something was still loading when a page was left: Join works before the page's script does. What could
 * not be loaded at all is missing from a page that the tests read.
 */
const LEFT =
  /error loading dynamically imported module|font: download failed .*status=2152398850|Unable to preload CSS|Importing a module script failed|ServiceWorker intercepted/;

/** A room tells within a second whom it has refused, milliseconds. */
const REFUSALS_TOLD_MS = 1_500;
const LANES: readonly LaneId[] = ['safe', 'eventual'];

const installed = candidates().flatMap(({ name, start }) => (start ? [{ name, start }] : []));

describe.each(installed)('$name', ({ name, start }) => {
  let browser: Browser;
  let site: Ear;
  let network: Proxy;
  let control: Screen;
  let stage: Screen;
  let phone: Screen;
  let code: string;
  /** What this one test makes pages complain of. */
  let expected: RegExp[] = [];
  const shot = (screen: Screen, of: string) => screen.shoot(`${name.toLowerCase()}-${of}`);

  beforeAll(async () => {
    [browser, site] = await Promise.all([start(), earBefore(inject('host').port)]);
    network = await Proxy.to(site.port);
    console.log(`${name} ${browser.version}`);
    control = await Screen.open(browser, site.url, CONTROL);
  });
  afterEach(() => {
    const heard = browser
      .complaints()
      .filter((text) => ![LEFT, ...expected].some((pattern) => pattern.test(text)));
    expected = [];
    expect(heard.join('\n'), 'what pages complained of').toBe('');
  });
  afterAll(async () => {
    await browser?.end();
    await network?.close();
    site?.close();
  });

  it('lets a presenter in by the link, and opens a show: control and stage', async () => {
    await control.goto(`/#signin=${inject('host').debugToken}`);
    await control.sees('Signed in by link');
    await shot(control, 'door');
    await control.types('Name', 'Last row');
    await control.types('Units that exist', '5');
    await control.presses('Open the show');
    await control.sees('Recount from the log');
    code = await control.asks(() => location.pathname.split('/').at(-1) ?? '');
    expect(code).toMatch(/^[0-9A-Z]{6}$/);
    stage = await Screen.open(browser, site.url, STAGE);
    await stage.goto(`/stage/${code}`);
    await stage.sees('● live');
    await shot(stage, 'stage-held');
  });

  it('lets a phone in at the door, and its taps are practice until the GO', async () => {
    phone = await Screen.open(browser, network.url, PHONE, 'touch');
    await phone.goto('/');
    await phone.types('Code on the big screen', `${code.slice(0, 3)} ${code.slice(3)}`.toLowerCase());
    await phone.presses('Join');
    await phone.sees('Wait for it', SALE);
    await phone.taps(SALE, 2);
    await stage.sees('practice');
    expect((await roomState()).lanes.safe?.acknowledged ?? 0).toBe(0);
  });

  it('sells on the safe lane, and gives each unit once', async () => {
    await turnsTo(2, 'safe');
    await phone.taps(SALE, 3);
    await phone.sees('You hold 3.', MINE);
    await agreesWithRoom('safe');
    await shot(phone, 'phone-safe');
    await shot(stage, 'stage-safe');
  });

  it('is left with a tap under way and gone back to, and buys it once', async () => {
    const who = await phone.words('button.who');
    const sold = async () => ofLane((await roomState()).lanes, 'safe').acknowledged;
    expected.push(CUT);
    network.muffle();
    await phone.taps(SALE);
    await phone.sees('1 on their way', MINE);
    await phone.leaves();
    await control.until(
      async () => (await sold()) === 4,
      () => 'The room did not hear of the tap.',
    );
    // It was sold, and the phone has not heard of it.
    network.reset();
    network.heal();
    await phone.back();
    await phone.sees('You hold 4.', MINE);
    // What the room says by itself.
    await phone.reload();
    await phone.has(SALE);
    await phone.sees('You hold 4.', MINE);
    expect([await phone.words('button.who'), await sold()]).toEqual([who, 4]);
  });

  it('sells past what exists on the eventual lane, and says what was overwritten', async () => {
    const { token, label } = await new Site(inject('host').url).join(code);
    const other = new Phone({
      url: inject('host').url,
      token,
      label,
      role: 'participant',
      show: code,
      skuId: SKU,
    });
    await other.connect();
    await turnsTo(3, 'eventual');
    // A driver's finger is slower than the race: somebody else is always between this phone's reading and its writing.
    const between = setInterval(() => other.tap(), 40);
    try {
      await phone.taps(SALE, 6);
      await phone.sees(/overwritten/, MINE);
    } finally {
      clearInterval(between);
    }
    await stage.sees(/do not exist/);
    await settles();
    other.close();
    await agreesWithRoom('eventual');
    await shot(phone, 'phone-eventual');
    await shot(stage, 'stage-eventual');
  });

  it('sends one tap to both lanes', async () => {
    await control.taps('.switch button.both');
    await phone.has('button.tap[data-tone="both"]');
    await phone.taps(SALE);
    await settles();
    await agreesWithRoom('safe');
    await agreesWithRoom('eventual');
    await shot(stage, 'stage-both');
    await shot(control, 'control');
  });

  it('is loaded again as the same person, with the same tickets', async () => {
    const kept = async () => [
      await phone.words('button.who'),
      // Refusals are not kept: nothing was got by them.
      (await phone.words('.verdicts')).replaceAll(/ \d+ × sold out/g, ''),
    ];
    const before = await kept();
    await phone.reload();
    await phone.has(SALE);
    await phone.sees(/You hold [1-9]/, '.verdicts');
    await phone.until(
      async () => (await kept()).join() === before.join(),
      () => `It was another one before: ${before.join()}.`,
    );
  });

  it('loses its network with taps under way, finds back, and buys each of them once', async () => {
    const before = await answered();
    expected.push(CUT);
    network.stall();
    await phone.taps(SALE, 2);
    await phone.sees('2 on their way', MINE);
    network.goDown();
    await phone.sees('reconnecting', 'header');
    await phone.sees('taps do not count');
    await shot(phone, 'phone-cut');
    expect(await answered(), 'while nothing gets through').toEqual(before);
    network.answer();
    await phone.has(SALE);
    await settles();
    for (const lane of LANES) await agreesWithRoom(lane);
    expect(await answered()).toEqual(before.map((ops) => ops + 2));
  });

  it('proves the room by the audit, and the phone by its receipts', async () => {
    await control.presses('Recount from the log');
    await control.sees(/checks hold\./);
    await phone.presses('Check my receipts');
    await phone.sees('The log holds.');
    const told = /(\d+) of (\d+) stand in the log as told/.exec(await phone.words('main'));
    expect(told?.[1]).toBe(told?.[2]);
    expect(Number(told?.[2])).toBeGreaterThan(5);
    await shot(phone, 'verify');
  });

  it('has a guide, and the results of the show', async () => {
    const guide = await Screen.open(browser, site.url, CONTROL);
    await guide.goto('/guide');
    await guide.sees('The guide', 'h1');
    const results = await Screen.open(browser, site.url, CONTROL);
    await results.goto(`/show/${code}`);
    await results.sees('Last row');
    await results.sees('overwritten');
    await shot(results, 'show');
  });

  it('rehearses on, and is loaded again, without a network', async () => {
    const own = await Screen.open(browser, network.url, CONTROL);
    await own.goto('/');
    await own.presses('Rehearsal');
    await own.sees('Open the rehearsal');
    await own.types('Seed', '2026');
    await own.presses('Open the rehearsal');
    await own.sees('seed 2026');
    const shown = await Screen.open(browser, network.url, STAGE);
    await shown.goto('/stage/REHEAR?rehearsal');
    await shown.sees('SIMULATED');
    await phone.goto('/j/REHEAR?rehearsal');
    await phone.has(SALE);
    // What a page needs to be loaded again is kept by now.
    await shown.until(
      () => shown.asks(async () => (await caches.match(location.pathname)) !== undefined),
      () => 'The stage of the rehearsal was not kept.',
    );
    expected.push(CUT);
    network.goDown();
    await shown.reload();
    await shown.sees('● rehearsal');
    await shown.strikes('PageDown');
    await shown.sees('2 of 6');
    await shown.strikes('PageDown');
    await phone.sees('Get one', SALE);
    await phone.taps(SALE);
    await phone.sees('You hold 1.', MINE);
    await shot(shown, 'rehearsal-stage');
    await shot(phone, 'rehearsal-phone');
  });

  /** One key turns to the step and, where it waits, gives the GO. */
  async function turnsTo(step: number, mode: LaneId): Promise<void> {
    await stage.strikes('PageDown');
    await stage.sees(`${step} of 6`);
    if ((await roomState()).hold !== null) await stage.strikes('PageDown');
    await phone.has(`button.tap[data-tone="${mode}"]`);
    await phone.sees(/Get one|Sold out/, SALE);
  }

  /** The room's state by HTTP, asked with the presenter's own cookie. */
  function roomState(): Promise<RoomState> {
    return control.asks(async (skuId) => {
      const headers = { 'x-session-role': 'presenter' };
      const answer = await fetch(`/api/demo/state?skuId=${skuId}`, { headers });
      return ((await answer.json()) as { data: RoomState }).data;
    }, SKU);
  }

  /** Ops that each lane has answered, with yes or no, once all of it is told: an op that is asked about again counts once. */
  async function answered(): Promise<number[]> {
    let counts: number[] = [];
    let sinceMs = 0;
    const isStill = async () => {
      const { lanes } = await roomState();
      const now = LANES.map((lane) => {
        const { ops, refused } = ofLane(lanes, lane);
        return Object.values(refused).reduce((sum, n) => sum + n, ops);
      });
      if (now.join() !== counts.join()) [counts, sinceMs] = [now, performance.now()];
      return performance.now() - sinceMs > REFUSALS_TOLD_MS;
    };
    await control.until(isStill, () => 'The room went on counting.');
    return counts;
  }

  /** Waits until nothing is under way, on the phone and in the room. */
  async function settles(): Promise<void> {
    await phone.until(
      async () =>
        !/\d on their way/.test(await phone.words(MINE)) &&
        (await roomState()).lanes.eventual?.inFlight === 0,
      () => 'Something stayed on its way.',
    );
  }

  /** Phone and stage say of a lane what the room's log and the room say of it. */
  async function agreesWithRoom(lane: LaneId): Promise<void> {
    const who = await phone.words('button.who');
    const log = await roomLog();
    const sum = (kind: 'allocated' | 'lost' | 'restored') =>
      log.reduce(
        (n, event) =>
          event.kind === kind && event.body.who === who && event.body.lane === lane
            ? n + event.body.units
            : n,
        0,
      );
    const gone = sum('lost') - sum('restored');
    const verdict = `.verdicts > [data-tone="${lane}"]`;
    await phone.sees(`You hold ${sum('allocated') - gone || 'nothing'}.`, verdict);
    if (gone > 0) await phone.sees(new RegExp(`\\b${gone} (was|were) overwritten`), verdict);
    const { acknowledged } = ofLane((await roomState()).lanes, lane);
    await stage.until(
      async () => {
        const section = `section[aria-label="${lane} lane"] [data-figure="acknowledged"]`;
        return (
          (await stage.asks((css) => document.querySelector(css)?.textContent?.trim(), section)) ===
          String(acknowledged)
        );
      },
      () => `The stage does not say ${acknowledged} of the ${lane} lane.`,
    );
  }

  /** The room's log, oldest event first. */
  async function roomLog(): Promise<RoomEvent[]> {
    const text = await control.asks(async (skuId) => {
      const answer = await fetch(`/api/demo/log?skuId=${skuId}`, {
        headers: { 'x-session-role': 'presenter' },
      });
      return answer.text();
    }, SKU);
    return text
      .trim()
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line) as RoomEvent);
  }
});
