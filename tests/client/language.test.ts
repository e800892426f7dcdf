/** In which language a page is, and that nothing is missing where it is not English. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { keepLanguage } from '#lib/language/choice.ts';
import { languageOf } from '#lib/language/language.ts';
import { preferredLanguage } from '#lib/language/preferred.ts';
import { inLanguage, textsOfRequest } from '#lib/language/texts.server.ts';
import { texts } from '#lib/language/texts.ts';

const CATALOGUES = fileURLToPath(new URL('../../src/lib/language', import.meta.url));

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

  it('is that of the audience’s pages, and of no other', () => {
    expect(languageOf('/', 'de')).toBe('de');
    expect(languageOf('/j/[code]', 'de')).toBe('de');
    expect(languageOf('/stage/[code]', 'de')).toBe('en');
    expect(languageOf(null, 'de')).toBe('en');
    expect(languageOf('/', undefined)).toBe('en');
  });

  it('is kept by the device for a year, for every page of the site', () => {
    const page = { cookie: '' };
    keepLanguage(page, 'de');
    expect(page.cookie).toBe('language=de; path=/; max-age=31536000; samesite=lax');
  });
});

describe('the texts', () => {
  const english = { c: ['Sold out', ['sold ', 0, ' times']] };
  const german = { c: ['Ausverkauft', [0, '-mal verkauft']] };

  it('are English in a browser until the German ones are there', async () => {
    const group = texts(english, () => Promise.resolve(german));
    const change = await group.german();
    expect(group.getRuntime()(0)).toBe('Sold out');
    change();
    expect(group.getRuntime()(0)).toBe('Ausverkauft');
    expect(group.getRuntime()(1, [3])).toBe('3-mal verkauft');
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

it.each(['door', 'phone', 'asides'])(
  'everything that the audience reads of %s is there in German',
  (group) => {
    const entries = readFileSync(join(CATALOGUES, group, 'de.po'), 'utf8')
      .split('\n\n')
      .slice(1);
    expect(entries.length).toBeGreaterThan(20);
    expect(entries.filter((entry) => /^msgstr ""\s*$/m.test(entry))).toEqual([]);
  },
);
