/** The bot drill: 300 taps of one session through the front door, against the limit, held to the log. */
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import type { Locator } from 'playwright-core';
import { TAP_BUCKET } from '#lib/domain/rate.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { readLog, readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const PRODUCT = { name: 'Drop', capacity: 1_000, unitPrice: 20 };
const SKU = 'drop';
const TAPS = 300;

let venue: Venue;
let presenter: Presenter;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  presenter = await Presenter.opens(venue, inject('host').debugToken, [PRODUCT]);
  // Refused taps: the browser says so to itself.
  venue.expects(/control: .*(409|429)/);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

const run = () => presenter.control.getByRole('button', { name: `Drill: a bot, ${TAPS} taps` });
const said = () => presenter.control.getByText(/bought beyond the limit\./);
const scene = () => presenter.stage.locator('main.scene', { hasText: 'A bot:' });

/** The two large figures of the stage: refused by the limit, and bought beyond it. */
async function figures(stage: Locator): Promise<number[]> {
  return (await stage.locator('dd').allInnerTexts()).map(Number);
}

const boughtBy = (log: readonly RoomEvent[], label: string) =>
  log.flatMap((event) => (event.kind === 'allocated' && event.body.who === label ? [event] : []));

async function drill(): Promise<string> {
  await run().click();
  await scene().waitFor();
  await said().waitFor({ timeout: 60_000 });
  await presenter.stage.getByText(/^The log says the same: /).waitFor();
  return (await said().innerText()).replace(/\s+/g, ' ');
}

it('buys what its limit allows, and nothing beyond it: by its answers, on the stage, and in the log', async () => {
  const words = await drill();
  const bought = Number(/(\d+) bought,/.exec(words)?.[1]);
  const limited = Number(/(\d+) refused by the limit/.exec(words)?.[1]);
  expect(bought + limited).toBe(TAPS);
  expect(bought).toBeGreaterThanOrEqual(TAP_BUCKET.tokens);
  expect(await figures(scene())).toEqual([limited, 0]);
  await shoot(presenter.stage, 'stage-bot');
  await shoot(presenter.control, 'control-bot', true);

  const log = await readLog(presenter, SKU);
  const label = (await scene().locator('bdi').innerText()).trim();
  const events = boughtBy(log, label);
  expect(events).toHaveLength(bought);
  expect(events.every(({ body }) => body.sim === true)).toBe(true);
  const tookMs = events.at(-1)!.atMs - events[0]!.atMs;
  expect(bought).toBeLessThanOrEqual(TAP_BUCKET.tokens + Math.ceil(tookMs / TAP_BUCKET.tokenMs) + 1);
  // Refusals are told in sums, once a second.
  const refused = async () =>
    (await readLog(presenter, SKU)).reduce(
      (sum, event) => sum + (event.kind === 'refused' ? (event.body.counts.RATE_LIMITED ?? 0) : 0),
      0,
    );
  await expect.poll(refused).toBe(limited);
  expect((await readState(presenter, SKU)).lanes.safe?.acknowledged).toBe(bought);
  // Whoever looks at the figures sees that no person bought these.
  await presenter.stage.getByText('SIMULATED').first().waitFor();
});

it('takes no place, no session and no tap from the audience', async () => {
  const phone = new Phone(await venue.page(await venue.phone(), 'phone'));
  await phone.joinsByLink(presenter.code);
  const before = (await readState(presenter, SKU)).lanes.safe!.acknowledged;
  await phone.taps(3);
  await expect.poll(async () => (await readState(presenter, SKU)).lanes.safe?.acknowledged).toBe(before + 3);
  await presenter.control.getByRole('button', { name: 'Hold', exact: true }).waitFor();
});

it('fits the stage of every projector', async () => {
  await drill();
  for (const [name, size] of Object.entries({
    1280: { width: 1280, height: 720 },
    1024: { width: 1024, height: 768 },
    1920: SCREENS.stage,
  })) {
    await presenter.stage.setViewportSize(size);
    await shoot(presenter.stage, `stage-bot-${name}`);
    const cut = await scene().evaluate((main) => main.scrollHeight - main.clientHeight);
    expect(cut, `pixels cut at ${name}`).toBeLessThanOrEqual(1);
  }
});

it('of a held room sends nothing, and says why; the next step puts the picture away', async () => {
  const { control, stage } = presenter;
  await control.keyboard.press('h');
  await control.getByText('Held.', { exact: true }).waitFor();
  await expect.poll(() => run().isDisabled()).toBe(true);
  await control.keyboard.press('PageDown');
  await stage.getByText('2 of 6').waitFor();
  await scene().waitFor({ state: 'detached' });
});
