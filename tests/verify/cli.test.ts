/** `npm run verify` as a person runs it: exit codes, the first wrong line, pipes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { ofLane } from '#lib/domain/lane.ts';
import type { Receipts } from '#lib/verify/receipts-file.ts';
import { receiptsFile } from '#lib/verify/receipts-file.ts';
import { rechain } from '../domain/support/audits.ts';
import { Log } from '../domain/support/room-facts.ts';
import { firstAllocated, firstOf, forged } from '../domain/support/tamper.ts';
import { exportLines } from './support/export.ts';
import { SHOW } from './support/shows.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/verify.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'revenue-guard-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LINES = exportLines(SHOW.events);
const good = file('good.ndjson', LINES);
const bad = file('bad.ndjson', LINES.with(11, LINES[11]!.replace('"epoch":1', '"epoch":2')));
const sale = firstAllocated([...SHOW.events], 'safe');

function file(name: string, content: readonly string[] | string): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : `${content.join('\n')}\n`);
  return path;
}

function run(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 100_000_000,
  });
  return { status, stdout, stderr };
}

function receipts(change: Partial<Receipts['receipts'][number]> = {}): Receipts {
  const { op, units } = sale.body;
  const { seq, epoch, hash } = sale;
  const told = { op, lane: 'safe' as const, epoch, status: 'allocated' as const, units, seq, ...change };
  return { show: 'ABCDEF', skuId: 'sneaker', receipts: [told], heads: [{ seq, head: hash }] };
}

test('a log that holds: 0, with the counters of every epoch and lane', () => {
  const { status, stdout } = run([good]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/✓ All 31 checks hold/);
  expect(stdout).toContain('The chain cannot show that the operator recorded everything');
  const { epoch, lanes } = SHOW.state;
  for (const lane of ['safe', 'eventual'] as const) {
    const { acknowledged, stored, lostUnits, oversellDelta } = ofLane(lanes, lane);
    expect(stdout.replace(/ +/g, ' ')).toContain(
      ` ${epoch} ${lane} ${acknowledged} ${stored} ${lostUnits} ${oversellDelta} `,
    );
  }
});

test('a log that does not: 1, and the first wrong line by name', () => {
  const { status, stdout } = run([bad]);
  expect(status).toBe(1);
  expect(stdout).toContain('✗ Line 12 (event 11) is the first that is wrong: Hash chain intact.');
});

test('several files: each is told, and one that is wrong is enough for 1', () => {
  const { status, stdout } = run([good, bad, file('none.ndjson', 'hello')]);
  expect(status).toBe(1);
  expect(stdout).toContain('good.ndjson: show ABCDEF');
  expect(stdout).toContain('bad.ndjson: show ABCDEF');
  expect(stdout).toContain('none.ndjson: line 1: this is not a log of a show');
});

test('a log of 100,000 resets holds, and its table is told to the end', () => {
  const resets = 100_000;
  const { events } = new Log();
  for (let epoch = 2; epoch <= resets + 1; epoch++) {
    const body = { by: 'presenter', fromEpoch: epoch - 1, toEpoch: epoch, realCarriedUsd: 0 };
    events.push({ ...events[0]!, epoch, kind: 'reset', body });
  }
  const { status, stdout, stderr } = run([file('resets.ndjson', exportLines(rechain(events)))]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout.replace(/ +/g, ' ')).toContain(`${resets + 1} eventual 0 0 0 0 0 0 0`);
}, 60_000);

test('a log from a pipe', () => {
  expect(run(['-'], `${LINES.join('\n')}\n`).status).toBe(0);
  const { status, stdout } = run(['-'], `${LINES.slice(0, 20).join('\n')}\n`);
  expect(status).toBe(1);
  expect(stdout).toContain('Line 21 is the first that is wrong: Head line agrees with the last event.');
});

test('a name that clears the screen hides nothing: it is shown', () => {
  const named = rechain(
    forged(SHOW.events, (log) => {
      const { body } = firstOf(log, 'opened');
      Object.assign(body.sku, { name: '\u001b[2J\u202e\u2028x' });
    }),
  );
  const lines = exportLines(named);
  const { stdout } = run([file('clear.ndjson', `${lines.join('\n')}\n`), '--checks']);
  expect(stdout).toContain('show ABCDEF, \\u{1b}[2J\\u{202e}\\u{2028}x (sneaker)');
  // eslint-disable-next-line no-control-regex -- exactly these must not be there
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
});

test('receipts: found, or the log is wrong', () => {
  const mine = file('mine.json', receiptsFile(receipts()));
  const { status, stdout } = run([good, '--receipts', mine]);
  expect(status).toBe(0);
  expect(stdout).toContain('receipts: 1 of 1 found, 1 of 1 hashes equal, the newest at event');
  const other = file('other.json', receiptsFile(receipts({ units: 49 })));
  const rewritten = run([good, '--receipts', mine, '--receipts', other]);
  expect(rewritten.status).toBe(1);
  expect(rewritten.stdout).toContain('Receipts that clients hold stand in the log');
});

const WRONG_COMMANDS: (readonly [args: readonly string[], words: string])[] = [
  [[], 'Name a log to verify'],
  [['--loud', 'x'], '--loud'],
  [['-', '-'], 'can be read once'],
  [[join('no', 'such', 'file')], 'there is no such file'],
  [[tmpdir()], 'it is a folder'],
  [[join(good, 'log')], 'the system says ENOTDIR'],
  [[good, '--receipts', join(good, 'log')], 'the system says ENOTDIR'],
  // Linux opens this file and fails to read it.
  ...(process.platform === 'linux' ? ([[['/proc/self/mem'], 'the system says EIO']] as const) : []),
  [[good, '--receipts', good], 'this is not a file of receipts'],
];

test.each(WRONG_COMMANDS)('a wrong command (%j): 2, and what was wrong', (args, words) => {
  const { status, stderr } = run(args);
  expect(status).toBe(2);
  expect(stderr).toContain(words);
});

test('--help says how', () => {
  const { status, stdout } = run(['--help']);
  expect(status).toBe(0);
  expect(stdout).toContain('npm run verify -- FILE');
});
