/** A rehearsal's log says SIMULATED before it says anything else, whether it holds or not; a room's log never does. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { begin, play, room } from '../client/support/rehearsal.ts';
import { exportLines, fileOf } from './support/export.ts';
import { SHOW } from './support/shows.ts';
import { firstWrong, verified } from './support/verified.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/verify.mjs', import.meta.url));
const FIRST =
  'SIMULATED: a rehearsal in one browser wrote this log (seed 7). Nothing in it happened to anybody.';

function rehearsed(): string[] {
  const show = begin();
  play(show, 'both', { shoppers: 10, seconds: 3 });
  return room(show).exportLog().trimEnd().split('\n');
}

function run(lines: readonly string[]) {
  const { status, stdout } = spawnSync(process.execPath, [SCRIPT, '-'], {
    input: fileOf(lines),
    encoding: 'utf8',
  });
  return { status, lines: stdout.trimEnd().split('\n') };
}

const LINES = rehearsed();

test('a rehearsal’s log holds, and its first and its last word are SIMULATED', () => {
  expect(firstWrong(verified(LINES))).toBe('holds');
  expect(verified(LINES).header).toMatchObject({ simulated: true, seed: 7 });
  const { status, lines } = run(LINES);
  expect(status).toBe(0);
  expect(lines[0]).toBe(FIRST);
  expect(lines.at(-2)).toMatch(/^✓ SIMULATED: all \d+ checks hold/);
  expect(lines.join('\n')).not.toContain('✓ All');
});

test('a rehearsal’s log that was touched is named as both', () => {
  const { status, lines } = run(LINES.with(3, LINES[3]!.replace('"epoch":1', '"epoch":2')));
  expect(status).toBe(1);
  expect(lines[0]).toBe(FIRST);
  expect(lines.join('\n')).toContain('✗ Line 4 (event 3) is the first that is wrong');
});

test('the log of a room says nothing of it, also when its header denies it', () => {
  const room = exportLines(SHOW.events);
  const denied = [JSON.stringify({ ...JSON.parse(room[0]!), simulated: false }), ...room.slice(1)];
  for (const lines of [room, denied]) {
    expect(verified(lines).header?.simulated).toBe(false);
    expect(run(lines).lines.join('\n')).not.toContain('SIMULATED');
  }
});

test('a mark that is neither yes nor no is no header', () => {
  for (const simulated of ['true', 1, null, {}]) {
    const header = JSON.stringify({ ...JSON.parse(LINES[0]!), simulated });
    const { refusal } = verified([header, ...LINES.slice(1)]);
    expect(refusal?.line).toBe(1);
    expect(refusal?.reason).toContain('the header is not complete: simulated');
  }
});
