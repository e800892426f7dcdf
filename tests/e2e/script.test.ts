/**
 * The whole script, with nothing but a clicker and thumbs, twice: live, over the server, and mock, in a rehearsal whose network
 * is cut. A stage, a control on a phone, three phones of the audience. One key turns the page and sets the stage; going back
 * takes nothing with it.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectationOf, STEPS } from '#lib/domain/script.ts';
import { scriptStep } from '#lib/guide/script.ts';
import { clicksGo } from './support/clicker.ts';
import { live, mock, PRODUCT, SKU } from './support/script-ways.ts';
import type { ScriptedShow } from './support/script-ways.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { figuresOf, readLog, readState, stageFigures, sumOf } from './support/truth.ts';
import type { Figures } from './support/truth.ts';
import { SCREENS } from './support/venue.ts';

const CAPACITY = PRODUCT.capacity;
const title = (step: number) => scriptStep(step).title;

describe.each([
  { way: 'live', opens: live },
  { way: 'mock, without a network', opens: mock },
])('the script, $way', { timeout: 180_000 }, ({ opens }) => {
  let show: ScriptedShow;
  let notes: Page;
  /** What the eventual lane came to before the reset. */
  let raced: Figures;

  beforeAll(async () => {
    show = await opens(inject('host'));
  }, 180_000);
  afterEach(() => expect(show.complaints(), 'what pages complained of').toEqual([]));
  afterAll(() => show.close());

  /** Waits until every screen is on a step, and on its lane. */
  async function onStep(step: number): Promise<void> {
    const { stage, remote, phones, presenter } = show;
    await stage.getByText(`${step} of ${STEPS} · ${title(step)}`).waitFor();
    await remote.getByRole('heading', { name: `${step} of ${STEPS} · ${title(step)}` }).waitFor();
    const { mode } = expectationOf(step);
    if (presenter) {
      // Live, the room can be asked past all screens; a rehearsal has no address to ask.
      const state = await readState(presenter, SKU);
      expect(state.step).toBe(step);
      if (mode) expect(state.mode).toBe(mode);
    }
    if (!mode) return;
    await stage.locator(`.chip.${mode}`).waitFor();
    await Promise.all(phones.map((phone) => phone.shows(mode)));
  }

  /** Pictures of a step on every screen that people have; each says SIMULATED if and only if it is. */
  async function pictures(step: number): Promise<void> {
    const { stage, remote, phones, prefix } = show;
    await shoot(stage, `${prefix}-${step}-stage-1920`);
    await remote.evaluate(() => window.scrollTo(0, 0));
    for (const [name, size] of Object.entries({
      1280: SCREENS.control,
      390: SCREENS.phone,
      320: SCREENS.smallPhone,
    })) {
      await remote.setViewportSize(size);
      await expectNoSidewaysScroll(remote);
      await show.expectHonest(remote);
      await shoot(remote, `${prefix}-${step}-control-${name}`);
    }
    await remote.setViewportSize(SCREENS.phone);
    for (const phone of phones) {
      await expectNoSidewaysScroll(phone.page);
      expect(await overhangOf(phone.page), 'pixels of the list over what stands beneath').toBe(0);
    }
    await shoot(phones[0]!.page, `${prefix}-${step}-phone-390`);
    await shoot(phones[2]!.page, `${prefix}-${step}-phone-320`);
    await show.expectHonest(stage, ...phones.map(({ page }) => page));
  }

  /** Units that the audience says it was told it has, by the tickets of all phones. */
  async function ticketsOfAll(): Promise<number> {
    const tallies = await Promise.all(show.phones.map((phone) => phone.tally()));
    return tallies.reduce((sum, { confirmed, overwritten }) => sum + confirmed + overwritten, 0);
  }

  const soldOnStage = async (lane: 'safe' | 'eventual') =>
    (await stageFigures(show.stage, lane)).acknowledged;

  it('1: opens the doors, where phones practise and buy nothing, and the control phone is in the same place', async () => {
    const { stage, remote, phones } = show;
    await onStep(1);
    await remote.getByText('The stage says: code small.').waitFor();
    await remote.getByText('starts with step 2').waitFor();
    await Promise.all(phones.map((phone) => phone.taps(4)));
    await stage.getByText(`${4 * phones.length} practice taps`).waitFor();
    await stage.getByText('Practice taps do not sell.').waitFor();
    expect(await ticketsOfAll()).toBe(0);
    await pictures(1);
  });

  it('2: one key of the clicker on stage turns the page on every screen and keeps the safe lane; the next is its GO', async () => {
    const { stage, phones } = show;
    await stage.keyboard.press('PageDown');
    await onStep(2);
    await stage.getByText('On GO, every tap goes to the safe lane').waitFor();
    await Promise.all(phones.map(({ button }) => button.getByText('Wait for it').waitFor()));
    await shoot(stage, `${show.prefix}-2-stage-held`);
    await clicksGo(stage);
    await Promise.all(show.phones.map((phone) => phone.taps(6)));
    await expect.poll(() => soldOnStage('safe')).toBe(CAPACITY);
    expect(await show.truth('safe')).toMatchObject({ acknowledged: CAPACITY, oversold: 0, lost: 0 });
    await expect.poll(ticketsOfAll).toBe(CAPACITY);
    await pictures(2);
  });

  it('3: one key on the control phone turns the page, switches the lane and holds, in one breath; the next is its GO', async () => {
    const { remote, presenter } = show;
    await remote.keyboard.press('PageDown');
    await onStep(3);
    if (presenter) {
      const log = await readLog(presenter, SKU);
      const turn = log.find((event) => event.kind === 'step' && event.body.step === 3)!;
      const before = log.find(({ seq }) => seq === turn.seq - 1);
      expect(before).toMatchObject({ kind: 'mode', body: { mode: 'eventual' }, atMs: turn.atMs });
      const after = log.find(({ seq }) => seq === turn.seq + 1);
      expect(after).toMatchObject({ kind: 'held', atMs: turn.atMs });
    }
    await show.stage.getByText('On GO, every tap goes to the eventual lane').waitFor();
    await shoot(show.stage, `${show.prefix}-3-stage-held`);
    await shoot(remote, `${show.prefix}-3-control-held`);
    await clicksGo(remote, show.stage);
    const before = await ticketsOfAll();
    await remote
      .getByRole('navigation', { name: 'Script' })
      .getByRole('button', { name: 'Send 50 SIMULATED' })
      .tap();
    await Promise.all(show.phones.map((phone) => phone.taps(6)));
    const [, crowd] = /(\d+) of 50 got theirs/.exec(await crowdSaid(remote)) ?? [];
    const lane = await show.truth('eventual');
    expect(lane.oversold, 'oversold').toBe(lane.acknowledged - CAPACITY);
    expect(lane.oversold, 'oversold').toBeGreaterThan(0);
    expect(lane.lost, 'lost').toBe(lane.acknowledged - lane.stored);
    expect(lane.lost, 'lost').toBeGreaterThan(0);
    await expect.poll(ticketsOfAll).toBe(before + lane.acknowledged - Number(crowd));
    raced = lane;
    await pictures(3);
  });

  it('4: the guardrail has tripped, the control says by what, and sales go on', async () => {
    const { stage, remote, phones, presenter } = show;
    await stage.keyboard.press('PageDown');
    await onStep(4);
    await remote.getByText('guardrail: tripped by its threshold').waitFor();
    await stage.locator('.banner').getByText('It warns: sales go on.').waitFor();
    const selling = stage.getByRole('region', { name: 'Sales' });
    const since = async () => Number(/Sales go on: (\d+) since/.exec(await selling.innerText())?.[1] ?? -1);
    await expect.poll(since).toBeGreaterThanOrEqual(0);
    const before = await since();
    await phones[0]!.taps(1);
    await expect.poll(since).toBe(before + 1);
    // Nothing else was under way: one more was sold, one more is owed, and the counter knows of it.
    raced = {
      ...raced,
      acknowledged: raced.acknowledged + 1,
      stored: raced.stored + 1,
      oversold: raced.oversold + 1,
    };
    if (presenter) expect(figuresOf(await readState(presenter, SKU), 'eventual')).toEqual(raced);
    await pictures(4);
  });

  it('5: prompts for the reset, which a tap asks and a second one answers', async () => {
    const { stage, remote } = show;
    await stage.keyboard.press('PageDown');
    await onStep(5);
    await remote.getByText('stock: not reset yet').waitFor();
    await pictures(5);
    const ask = remote
      .getByRole('navigation', { name: 'Script' })
      .getByRole('button', { name: 'Reset now…' });
    const question = remote.getByRole('dialog', { name: 'Reset the show?' });
    const answer = question.getByRole('button', { name: 'Reset', exact: true });
    await ask.tap();
    await answer.tap();
    await remote.getByText('stock: reset, as it should be').waitFor();
    await remote.getByText('guardrail: clear, as it should be').waitFor();
    // Another one within the minute is refused: live by the address, in a rehearsal by its own clock.
    await ask.tap();
    await answer.tap();
    await question.getByText(/^Refused: one reset a minute\. Again in \d+ s\.$/).waitFor();
    await shoot(remote, `${show.prefix}-5-control-390-refused`);
    await question.getByRole('button', { name: 'Cancel' }).tap();
    await shoot(remote, `${show.prefix}-5-control-390-after`);
    const stock = stage.getByRole('region', { name: 'eventual lane' });
    await expect
      .poll(() => stock.locator('.figure').allInnerTexts())
      .toEqual([String(raced.acknowledged), '0']);
  });

  it('6: wraps up with three results over all rounds, each the sum of the log', async () => {
    const { stage, presenter } = show;
    await stage.keyboard.press('PageDown');
    await onStep(6);
    const results = stage.getByRole('region', { name: 'What this show came to' });
    const values = () => results.locator('.value').allInnerTexts();
    await expect.poll(values).toEqual(['$0.00', '0', `+${raced.oversold}`]);
    const words = (await results.innerText()).replace(/\s+/g, ' ');
    expect(words).toContain(`${CAPACITY} sold of ${CAPACITY}`);
    expect(words).toContain(`${raced.acknowledged} sold of ${CAPACITY}`);
    expect(words).toContain(`${raced.lost} overwritten`);
    expect(words).toMatch(/SIMULATED shoppers got \d+/);
    if (presenter) {
      const log = await readLog(presenter, SKU);
      expect(sumOf(log, 'safe', 1, CAPACITY)).toMatchObject({ acknowledged: CAPACITY, oversold: 0 });
      expect(sumOf(log, 'eventual', 1, CAPACITY)).toEqual(raced);
      const link = stage.getByRole('region', { name: 'Take it with you' }).getByRole('link');
      expect(await link.getAttribute('href')).toBe(`/show/${show.code}`);
    } else await stage.getByText('A rehearsal is stored nowhere.').waitFor();
    await pictures(6);
    await stage.setViewportSize(SCREENS.phone);
    await expectNoSidewaysScroll(stage);
    await shoot(stage, `${show.prefix}-6-stage-390`, true);
    await stage.setViewportSize(SCREENS.stage);
  });

  it('the last page is the last, and the way back sets each lane and takes no unit with it', async () => {
    const { remote, phones, presenter } = show;
    await remote.keyboard.press('PageDown');
    await phones[0]!.taps(2);
    // Step 6 leaves the lane as it was; its own picture has no stock on it.
    await expect.poll(async () => (await phones[0]!.totals())[0]).toBe(2);
    const epoch = presenter && (await readState(presenter, SKU)).epoch;
    for (let step = STEPS - 1; step >= 1; step -= 1) {
      await remote.keyboard.press('PageUp');
      await onStep(step);
      if (step === 3) expect(await soldOnStage('eventual')).toBe(2);
      if (step === 2) expect(await soldOnStage('safe')).toBe(0);
    }
    await remote.keyboard.press('PageUp');
    await onStep(1);
    if (!presenter) return;
    const { lanes, epoch: after, guardrail } = await readState(presenter, SKU);
    expect([lanes.safe?.acknowledged, lanes.eventual?.acknowledged, after, guardrail.tripped]).toEqual([
      0,
      2,
      epoch,
      false,
    ]);
  });

  it('shows the same step and the same times on a control that was reloaded, and in the notes', async () => {
    const { remote, stage } = show;
    await stage.keyboard.press('PageDown');
    await onStep(2);
    notes = await show.beside('/notes', 'notes');
    await notes.setViewportSize(SCREENS.control);
    await remote.reload();
    await onStep(2);
    await show.expectHonest(notes, remote);
    const times = async () => {
      const texts = await Promise.all(
        [remote, notes].map((page) => page.locator('dl[aria-label="Time"] b').allInnerTexts()),
      );
      return texts.map((pair) => pair.map(secondsOf));
    };
    await expect.poll(async () => (await times()).flat().every(Number.isFinite)).toBe(true);
    // Each screen draws its clock once a second, at a moment of its own.
    await expect
      .poll(async () => {
        const [first, ...others] = await times();
        return others.flatMap((pair) => pair.map((s, place) => Math.abs(s - first![place]!)));
      })
      .toSatisfy((apart: number[]) => apart.length === 2 && apart.every((s) => s <= 1));
  });

  it('turns the page from the notes, which show what comes next in large letters', async () => {
    await notes.getByText('3, 2, 1, GO', { exact: true }).waitFor();
    await shoot(notes, `${show.prefix}-notes-1280`);
    await clicksGo(notes, show.stage);
    await notes.getByText(`Next: 3, ${title(3)}`).waitFor();
    await notes.keyboard.press('PageDown');
    await onStep(3);
    await clicksGo(notes, show.stage);
    await notes.getByText(`Next: 4, ${title(4)}`).waitFor();
    await notes.keyboard.press('PageUp');
    await onStep(2);
    for (const [name, size] of Object.entries({
      1920: SCREENS.stage,
      390: SCREENS.phone,
      320: SCREENS.smallPhone,
    })) {
      await notes.setViewportSize(size);
      await expectNoSidewaysScroll(notes);
      await show.expectHonest(notes);
      await shoot(notes, `${show.prefix}-notes-${name}`);
    }
  });
});

/** What became of the crowd, in the control's words, when all of them have an answer. */
async function crowdSaid(remote: Page): Promise<string> {
  const said = remote.getByText('got theirs');
  await said.waitFor();
  return (await said.innerText()).replace(/\s+/g, ' ');
}

/** Pixels of a phone's list of tickets that lie over what stands beneath it: what is too long scrolls or is cut off. */
function overhangOf(page: Page): Promise<number> {
  return page
    .locator('section[aria-labelledby="mine"]')
    .evaluate((list) =>
      getComputedStyle(list).overflowY === 'visible' ? list.scrollHeight - list.clientHeight : 0,
    );
}

function secondsOf(text: string): number {
  const [minutes, seconds] = text.split(':').map(Number);
  return minutes! * 60 + (seconds ?? NaN);
}
