/** In which language a page is, and that nothing is missing where it is not English. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { keepLanguage } from '#lib/language/choice.ts';
import { isOfStage } from '#lib/language/language.ts';
import { preferredLanguage } from '#lib/language/preferred.ts';
import {
  broughtLanguage,
  keepStageLanguage,
  stageCookie,
  stageLanguage,
} from '#lib/language/stage-choice.ts';
import { inLanguage, textsOfRequest } from '#lib/language/texts.server.ts';
import { texts } from '#lib/language/texts.ts';
import { CHECK_LINES } from '#lib/verify/checks.ts';
import type { CheckKey } from '#lib/verify/checks.ts';
import { wordsOf } from '../../src/routes/verify/check-words.ts';
import { unmarkedIn, unmarkedTexts } from '../scripts/support/unmarked-texts.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CATALOGUES = join(ROOT, 'src', 'lib', 'language');

describe('a reader’s language', () => {
  it.each([
    [null, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['en-US,en;q=0.9,de;q=0.8', 'en'],
    ['fr-FR, fr;q=0.9, de;q=0.4', 'de'],
    ['fr', 'en'],
    ['de;q=0, en;q=0.1', 'en'],
    ['en;q=0.2, DE;q=0.7', 'de'],
    ['den, dev;q=0.9', 'en'],
    ['*', 'en'],
    ['de;q=many, en;q=0.5', 'en'],
  ])('of a browser that asks for %j is %s', (accepted, language) => {
    expect(preferredLanguage(undefined, accepted)).toBe(language);
  });

  it('is the chosen one before anything that a browser asks for, unless there is no such language', () => {
    expect(preferredLanguage('en', 'de')).toBe('en');
    expect(preferredLanguage('de', 'en')).toBe('de');
    expect(preferredLanguage('xx', 'de')).toBe('de');
  });

  it('costs no more to find in a header of nothing but languages', () => {
    expect(preferredLanguage(undefined, 'fr,'.repeat(10_000) + 'de')).toBe('en');
  });

  it('is kept by the device for a year, for every page of the site', () => {
    const page = { cookie: '' };
    keepLanguage(page, 'de');
    expect(page.cookie).toBe('language=de; path=/; max-age=31536000; samesite=lax');
  });
});

describe('the language of a stage', () => {
  const at = (address: string) => new URL(address, 'http://show.example');

  it('is that of every presenter’s screen, and of no other page', () => {
    for (const route of [
      '/stage/[code]',
      '/control/[code]',
      '/control/[code]/notes',
      '/control/[code]/preflight',
    ])
      expect([route, isOfStage(route)]).toEqual([route, true]);
    for (const route of [null, '/', '/j/[code]', '/guide', '/show/[code]', '/verify', '/rehearsal'])
      expect([route, isOfStage(route)]).toEqual([route, false]);
  });

  it('is kept by the device for a day, for that show alone', () => {
    const page = { cookie: '' };
    keepStageLanguage(page, 'ABC234', 'de');
    expect(page.cookie).toBe('stage-ABC234=de; path=/; max-age=86400; samesite=lax');
    const later = { cookie: `language=en; stage-ABC234=de` };
    expect(stageLanguage(later, 'ABC234', at('/stage/ABC234'))).toBe('de');
    expect(stageLanguage(later, 'abc234', at('/stage/abc234'))).toBe('de');
    expect(stageLanguage(later, 'K7QM2P', at('/stage/K7QM2P'))).toBeNull();
  });

  it('comes to a second device by the address that lets it in, and stays there', () => {
    const page = { cookie: '' };
    expect(stageLanguage(page, 'ABC234', at('/control/ABC234?lang=de'))).toBe('de');
    expect(page.cookie).toContain('stage-ABC234=de');
    const english = { cookie: 'stage-ABC234=de' };
    expect(stageLanguage(english, 'ABC234', at('/control/ABC234?lang=en'))).toBe('en');
  });

  it.each(['/control/ABC234', '/control/ABC234?lang=', '/control/ABC234?lang=xx'])(
    'is not taken from an address that names none: %s',
    (address) => expect(broughtLanguage(at(address))).toBeNull(),
  );

  it('has a cookie whose name an address cannot bend', () => {
    expect(stageCookie('a;b=c, d')).toBe('stage-ABCD');
  });
});

describe('the texts', () => {
  const english = { c: ['Sold out', ['sold ', 0, ' times']] };
  const german = { c: ['Ausverkauft', [0, '-mal verkauft']] };

  it('are English in a browser until the German ones are there', async () => {
    const group = texts(english, () => Promise.resolve(german));
    const change = await group.german();
    expect(group.getRuntime()(0)).toBe('Sold out');
    change(true);
    expect(group.getRuntime()(0)).toBe('Ausverkauft');
    expect(group.getRuntime()(1, [3])).toBe('3-mal verkauft');
    change(false);
    expect(group.getRuntime()(0)).toBe('Sold out');
  });

  it('are those of each request on the server, however many are answered side by side', async () => {
    const { getRuntime } = textsOfRequest(english, german);
    const later = async () => {
      await Promise.resolve();
      return getRuntime()(0);
    };
    const answers = await Promise.all([inLanguage('de', later), inLanguage('en', later), later()]);
    expect(answers).toEqual(['Ausverkauft', 'Sold out', 'Sold out']);
  });
});

it.each(['door', 'phone', 'asides', 'pages', 'screens'])(
  'everything that somebody reads of %s is there in German',
  (group) => {
    const entries = readFileSync(join(CATALOGUES, group, 'de.po'), 'utf8')
      .split('\n\n')
      .slice(1);
    expect(entries.length).toBeGreaterThan(20);
    expect(entries.filter((entry) => /^msgstr ""\s*$/m.test(entry))).toEqual([]);
  },
);

describe('a text that no translation could reach', () => {
  it('is nowhere on the pages', () => {
    expect(unmarkedTexts(ROOT)).toEqual([]);
  });

  it.each([
    ['a.ts', "export const words = () => 'nothing sold yet';"],
    ['a.ts', 'export const words = (n: number) => `${n} of them sold`;'],
    ['a.ts', "const WORDS = { kept: 'kept its word' } as const;"],
    ['A.svelte', "<p>{sold ? 'sold' : 'left'}</p>"],
    ['A.svelte', '<p>{`1 cell = ${n} units`}</p>'],
    ['A.svelte', '<p aria-label="what exists">100</p>'],
    ['A.svelte', '<script lang="ts">let problem = $state(\'no such code\');</script>{problem}'],
  ])('is seen in %s: %s', (file, source) => {
    expect(unmarkedIn(file, source)).not.toEqual([]);
  });

  it.each([
    ['a.ts', "export const words = () => phrase('nothing sold yet');"],
    ['a.ts', "if (kind === 'sold out') throw new Error('no such kind');"],
    ['A.svelte', "<p>{sold ? phrase('sold') : 'Left'}</p>"],
    ['A.svelte', '<p class="quiet fine" aria-label="What exists">{count(n)} units</p>'],
  ])('is not what %s has: %s', (file, source) => {
    expect(unmarkedIn(file, source)).toEqual([]);
  });
});

it.each(Object.entries(CHECK_LINES))('the check %s is called the same by page and verifier', (key, words) => {
  expect(wordsOf(key as CheckKey)).toEqual(words);
});
