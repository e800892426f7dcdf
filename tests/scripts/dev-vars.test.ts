import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureDevVars, parseDevVars } from '../../scripts/lib/dev-vars.mjs';

let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dev-vars-'));
  file = join(folder, '.dev.vars');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const inFile = () => parseDevVars(readFileSync(file, 'utf8'));

describe('.dev.vars', () => {
  it('is made with secrets that are long enough, fresh each time, for its owner alone', () => {
    const first = ensureDevVars(file);
    expect(first.get('DEBUG_TOKEN')?.length).toBeGreaterThanOrEqual(32);
    expect(first.get('SESSION_SECRET')?.length).toBeGreaterThanOrEqual(32);
    expect(inFile()).toEqual(first);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    rmSync(file);
    expect(ensureDevVars(file).get('SESSION_SECRET')).not.toBe(first.get('SESSION_SECRET'));
  });

  it('keeps what is there, to the letter', () => {
    ensureDevVars(file);
    const before = readFileSync(file, 'utf8');
    ensureDevVars(file);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('adds only what is missing, and counts an empty value as missing', () => {
    writeFileSync(file, '# mine\nDEBUG_TOKEN="my own # token"\nTURNSTILE_SECRET_KEY=abc\nSESSION_SECRET=\n', {
      mode: 0o644,
    });
    const values = ensureDevVars(file);
    expect(values.get('DEBUG_TOKEN')).toBe('my own # token');
    expect(values.get('TURNSTILE_SECRET_KEY')).toBe('abc');
    expect(values.get('SESSION_SECRET')?.length).toBeGreaterThanOrEqual(32);
    expect(readFileSync(file, 'utf8')).toMatch(/^# mine\nDEBUG_TOKEN="my own # token"\n/);
    expect(readFileSync(file, 'utf8').match(/SESSION_SECRET/g)).toHaveLength(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('adds to a file without a last line break', () => {
    writeFileSync(file, 'DEBUG_TOKEN=mine');
    expect(ensureDevVars(file).get('DEBUG_TOKEN')).toBe('mine');
    expect(inFile().get('DEBUG_TOKEN')).toBe('mine');
  });

  it('leaves nothing beside it', () => {
    ensureDevVars(file);
    expect(readdirSync(folder)).toEqual(['.dev.vars']);
  });

  it('says in one sentence why it cannot be written', () => {
    expect(() => ensureDevVars(join(folder, 'missing', '.dev.vars'))).toThrow(/^Cannot write to .*\.$/);
  });
});
