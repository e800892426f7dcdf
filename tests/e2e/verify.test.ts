/** The proof, taken home: a show is played, its log is checked by the command and by the page, and phones hold their receipts. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.mjs';
import type { RoomEvent } from '#lib/domain/events.ts';
import { rechain } from '../domain/support/audits.ts';
import { firstAllocated } from '../domain/support/tamper.ts';
import { lineOf } from '../verify/support/export.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectOneTruth, readState } from './support/truth.ts';
import type { Figures } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const SKU = 'opening-night';
const CAPACITY = 20;
/** One reset a minute from one address: another file's may have been the last. */
const RESET_WITHIN_MS = 75_000;

const folder = mkdtempSync(join(tmpdir(), 'revenue-guard-proof-'));
const file = (name: string) => join(folder, name);
const LOG = file('show.ndjson');

let venue: Venue;
let presenter: Presenter;
let phones: Phone[];
/** What the stage showed last, of the newest epoch. */
let last: Figures;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Opening night', capacity: CAPACITY, unitPrice: 90 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  phones = await Promise.all(
    ['first phone', 'second phone'].map(async (who) => new Phone(await venue.page(await venue.phone(), who))),
  );
  for (const phone of phones) await phone.joinsByLink(presenter.code);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(async () => {
  await venue.close();
  rmSync(folder, { recursive: true, force: true });
});

it('plays a show: safe, eventual, reset, eventual again', { timeout: 150_000 }, async () => {
  await tapAll(8);
  await presenter.rush(10);
  await presenter.switchTo('eventual');
  await Promise.all(phones.map((phone) => phone.shows('eventual')));
  await Promise.all([presenter.rush(50), tapAll(8)]);
  const before = await expectOneTruth(presenter, SKU, 'eventual');
  expect(before.lost, 'lost units of the first epoch').toBeGreaterThan(0);
  await reset();
  await Promise.all(phones.map((phone) => phone.page.getByText('Nothing yet. Tap the button.').waitFor()));
  await Promise.all([presenter.rush(50), tapAll(8)]);
  for (const phone of phones) await expect.poll(async () => (await phone.tally())['on their way']).toBe(0);
  last = await expectOneTruth(presenter, SKU, 'eventual');
  expect(last.lost, 'lost units of the second epoch').toBeGreaterThan(0);
});

it('is checked on a phone: every receipt stands in the log', { timeout: 120_000 }, async () => {
  for (const [place, phone] of phones.entries()) {
    const { page } = phone;
    if (place === 0) await shoot(page, 'phone-with-receipts');
    await page.getByRole('link', { name: 'Check my receipts' }).tap();
    await page.getByRole('heading', { name: 'The log holds.' }).waitFor();
    const told = await page.locator('.facts dd', { hasText: 'stand in the log as told' }).innerText();
    const [, found, of, equal, hashes] = /(\d+) of (\d+) stand .* (\d+) of (\d+) hashes/.exec(told) ?? [];
    // Sixteen taps and more, in two epochs and on two lanes, some of them refused.
    expect(Number(of)).toBeGreaterThan(8);
    expect(found).toBe(of);
    expect(Number(hashes)).toBeGreaterThan(0);
    expect(equal).toBe(hashes);
    if (place === 0) await shoot(page, 'verify-phone', true);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as a file' }).tap();
    await (await download).saveAs(file(`receipts-${place}.json`));
  }
});

it('is downloaded, and holds by the command: the same numbers as on the stage, all receipts found', async () => {
  const log = await presenter.control.evaluate(async (sku) => {
    const answer = await fetch(`/api/demo/log?skuId=${sku}`, { headers: { 'x-session-role': 'presenter' } });
    return answer.text();
  }, SKU);
  writeFileSync(LOG, log);
  const receipts = phones.flatMap((_, place) => ['--receipts', file(`receipts-${place}.json`)]);
  const { status, stdout } = verifyByCommand(LOG, ...receipts);
  expect(stdout).toMatch(/✓ All \d+ checks hold/);
  expect(status).toBe(0);
  const [, found, told] = /receipts: (\d+) of (\d+) found/.exec(stdout) ?? [];
  expect(found).toBe(told);
  const { epoch } = await readState(presenter, SKU);
  expect(epoch).toBe(2);
  expect(stdout.replace(/ +/g, ' ')).toContain(
    ` ${epoch} eventual ${last.acknowledged} ${last.stored} ${last.lost} ${last.oversold} `,
  );
});

it(
  'is dropped on the page: the same numbers again, the chart of the stage, every lost update',
  { timeout: 90_000 },
  async () => {
    const page = await openPage();
    await logFile(page).setInputFiles(LOG);
    await page.getByRole('heading', { name: 'The log holds.' }).waitFor();
    expect(await tableOf(page)).toEqual(last);
    // One lane sold: there is one chart, and nothing to choose. Both put theirs into words only now and then.
    expect(await page.getByRole('group', { name: 'Chart' }).count()).toBe(0);
    const inWords = (on: Page) => on.locator('figure.chart').first().getAttribute('aria-label');
    await expect.poll(() => inWords(page)).toContain(`${last.acknowledged} sold of ${CAPACITY}`);
    await expect.poll(() => inWords(presenter.stage)).toBe(await inWords(page));
    const losses = readFileSync(LOG, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"epoch":2,"kind":"lost"'));
    const listed = page.locator('ol li');
    while ((await listed.count()) < losses.length) {
      const before = await listed.count();
      await page.getByRole('button', { name: 'Show more' }).click();
      await expect.poll(() => listed.count()).toBeGreaterThan(before);
    }
    expect(await listed.count()).toBe(losses.length);
    await page.getByText(/cannot show that the operator recorded everything|Neither can show/).waitFor();
    await shoot(page, 'verify-holds', true);
    await page.getByRole('button', { name: 'Epoch 1' }).click();
    await expect.poll(async () => (await tableOf(page)).acknowledged).toBeGreaterThan(0);
    await page.context().close();
  },
);

it(
  'names the line of one flipped byte, by command and page, also without a network',
  { timeout: 90_000 },
  async () => {
    const lines = readFileSync(LOG, 'utf8').split('\n');
    const at = lines.findIndex((line) => line.includes('"kind":"allocated"') && line.includes('"units":1'));
    lines[at] = lines[at]!.replace('"units":1', '"units":3');
    const tampered = file('tampered.ndjson');
    writeFileSync(tampered, lines.join('\n'));

    const { status, stdout } = verifyByCommand(tampered);
    expect(status).toBe(1);
    expect(stdout).toContain(`✗ Line ${at + 1} (event ${at}) is the first that is wrong: Hash chain intact.`);

    const page = await openPage();
    await page.context().setOffline(true);
    await logFile(page).setInputFiles(tampered);
    await page.getByRole('heading', { name: `Line ${at + 1} is wrong.` }).waitFor();
    await page.locator('.check', { hasText: 'Hash chain intact' }).waitFor();
    const broken = page.locator('p.breaks', { hasText: 'Expected:' }).first();
    expect(await broken.innerText()).toMatch(/^Expected:\s/);
    await shoot(page, 'verify-wrong', true);
    await logFile(page).setInputFiles(LOG);
    await page.getByRole('heading', { name: 'The log holds.' }).waitFor();
    await logFile(page).setInputFiles({
      name: 'holiday.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('Dear all,\n'),
    });
    await page.getByText('Line 1: this is not a log of a show').waitFor();
    await shoot(page, 'verify-no-log');
    await page.context().close();
  },
);

it('catches a server that wrote its history anew, by the receipts of a phone', async () => {
  const [header = '', ...lines] = readFileSync(LOG, 'utf8').trimEnd().split('\n');
  const events = lines.slice(0, -1).map((line) => JSON.parse(line) as RoomEvent);
  firstAllocated(events, 'safe').body.who = 'somebody-else';
  const anew = rechain(events);
  const last = anew.at(-1)!;
  const head = JSON.stringify({ head: last.hash, seq: last.seq });
  const rewritten = file('rewritten.ndjson');
  writeFileSync(rewritten, `${[header, ...anew.map(lineOf), head].join('\n')}\n`);

  const page = await openPage();
  await logFile(page).setInputFiles(rewritten);
  await page.getByRole('heading', { name: 'The log holds.' }).waitFor();
  await page.getByLabel('Add a receipts file').setInputFiles(file('receipts-0.json'));
  await page.getByText('from a file').waitFor();
  await page.locator('.check', { hasText: 'Hashes that clients were told stand in the chain' }).waitFor();
  await shoot(page, 'verify-rewritten', true);
  await page.context().close();
});

async function openPage(): Promise<Page> {
  const page = await venue.page(await venue.device({ viewport: SCREENS.control }), 'verify');
  await page.goto('/verify');
  await page.getByRole('heading', { name: 'Check it yourself' }).waitFor();
  await page.waitForLoadState('networkidle');
  return page;
}

function logFile(page: Page): Locator {
  return page.getByLabel('Choose a log file');
}

/** Figures of the eventual lane in the table of the epoch that is looked at. */
async function tableOf(page: Page): Promise<Figures> {
  const figure = async (row: string) => {
    const text = await page.locator(`td[data-lane="eventual"][data-row="${row}"]`).innerText();
    return Number(text.replaceAll(',', ''));
  };
  const [acknowledged, stored, oversold, lost] = await Promise.all(
    ['Acknowledged', 'Stored by the counter', 'Oversold', 'Lost'].map(figure),
  );
  return { acknowledged: acknowledged!, stored: stored!, oversold: oversold!, lost: lost! };
}

function verifyByCommand(...args: string[]): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'verify.mjs'), ...args], {
    encoding: 'utf8',
  });
  return { status, stdout };
}

async function tapAll(times: number): Promise<void> {
  await Promise.all(phones.map((phone) => phone.taps(times)));
}

async function reset(): Promise<void> {
  venue.expects(/control: .*status of 429/);
  const ask = () =>
    presenter.control.evaluate(async (skuId) => {
      const answer = await fetch('/api/demo/reset', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-session-role': 'presenter',
          // An address of its own: one reset a minute is all that an address has, and other files need theirs.
          'cf-connecting-ip': '198.51.100.77',
        },
        body: JSON.stringify({ skuId }),
      });
      return answer.status;
    }, SKU);
  await expect.poll(ask, { timeout: RESET_WITHIN_MS, interval: 3_000 }).toBe(200);
}
