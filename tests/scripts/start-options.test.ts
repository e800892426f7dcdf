import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseStartOptions, variableNames } from '../../scripts/lib/start-options.mjs';
import { Stop } from '../../scripts/lib/stop.mjs';

const VARIABLES = new Set(['RACE_WINDOW_MS', 'TURNSTILE_SITE_KEY']);
const parse = (...argv: string[]) => parseStartOptions(argv, VARIABLES);

/** What a wrong command line is answered: one sentence, and exit code 2. */
function refusalOf(...argv: string[]): string {
  try {
    parse(...argv);
  } catch (error) {
    expect(error).toBeInstanceOf(Stop);
    expect((error as Stop).exitCode).toBe(2);
    expect((error as Stop).message).not.toContain('\n');
    return (error as Stop).message;
  }
  throw new Error(`"${argv.join(' ')}" was accepted`);
}

describe('npm start', () => {
  it('listens on every interface, port 8787, and keeps its shows in the clone, when nothing is said', () => {
    expect(parse()).toMatchObject({ port: 8787, host: '0.0.0.0', open: false });
    expect(parse().persistTo).toMatch(/^\.wrangler.state$/);
    expect([...parse().vars]).toEqual([]);
  });

  it('takes every option', () => {
    const options = parse(
      '--port',
      '9001',
      '--host=127.0.0.1',
      '--persist-to',
      'shows',
      '--open',
      '--tunnel',
    );
    expect(options).toMatchObject({
      port: 9001,
      host: '127.0.0.1',
      persistTo: 'shows',
      open: true,
      tunnel: true,
    });
  });

  it('starts no engine unless asked, and then all of them or those that are named, in the order of the guide', () => {
    expect(parse().engines).toEqual([]);
    expect(parse('--engines').engines).toEqual(['postgres', 'dynamodb', 'redis']);
    expect(parse('--engines', '--open')).toMatchObject({
      open: true,
      engines: ['postgres', 'dynamodb', 'redis'],
    });
    expect(parse('--engines=redis,postgres').engines).toEqual(['postgres', 'redis']);
    expect(parse('--engines', 'dynamodb', '--port', '9').engines).toEqual(['dynamodb']);
  });

  it('answers --help with every option, and no failure', () => {
    expect(() => parse('-h')).toThrow(expect.objectContaining({ exitCode: 0 }));
    expect(() => parse('--help')).toThrow(
      /--port [^]*--host [^]*--persist-to [^]*--var [^]*--engines[^]*--tunnel [^]*--open /,
    );
  });

  it('takes several variables, empty values and values with an equals sign', () => {
    const { vars } = parse('--var', 'RACE_WINDOW_MS=50', '--var', 'TURNSTILE_SITE_KEY=a=b');
    expect([...vars]).toEqual([
      ['RACE_WINDOW_MS', '50'],
      ['TURNSTILE_SITE_KEY', 'a=b'],
    ]);
    expect(parse('--var', 'TURNSTILE_SITE_KEY=').vars.get('TURNSTILE_SITE_KEY')).toBe('');
  });

  it.each([
    [['--bogus'], '--bogus'],
    [['stray'], 'stray'],
    [['--port'], '--port'],
    [['--port', '0'], '1 to 65535'],
    [['--port', '65536'], '1 to 65535'],
    [['--port', '80x'], '80x'],
    [['--host', 'example.org'], 'example.org'],
    [['--tunnel', '--host', '192.168.1.5'], 'leave --host out'],
    [['--persist-to', ''], '--persist-to'],
    [['--engines', 'mysql'], '"mysql"'],
    [['--engines=postgres,,redis'], 'postgres, dynamodb, redis'],
    [['--engines=Redis'], '"Redis"'],
    [['--engines='], 'postgres, dynamodb, redis'],
    [['--var', 'RACE_WINDOW_MS'], 'NAME=VALUE'],
    [['--var', '=5'], 'NAME=VALUE'],
    [['--var', 'RACE_WINDOW=5'], 'RACE_WINDOW_MS'],
  ])('refuses %j in one sentence that names what was wrong', (argv, named) => {
    expect(refusalOf(...argv)).toContain(named);
  });

  it('knows the variables from the type that declares them', () => {
    const names = variableNames(readFileSync(new URL('../../src/server/env.ts', import.meta.url), 'utf8'));
    expect([...names]).toEqual(expect.arrayContaining(['BILLING_SCALE', 'DEBUG_TOKEN', 'RACE_WINDOW_MS']));
    expect(names.has('DB')).toBe(false);
  });
});
