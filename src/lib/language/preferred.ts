/** Which language a reader prefers: their own choice, else the first of their browser's languages that has texts. */
import { knownLanguage } from './language.ts';
import type { Language } from './language.ts';

/** How many of a browser's languages are read, so that a long header costs nothing. */
const MOST_ASKED = 20;

/**
 * The reader's language; English when none that they ask for has texts.
 * @param chosen their own choice, from the cookie {@link LANGUAGE_COOKIE} (choice.ts)
 * @param accepted the header `Accept-Language` (RFC 9110, 12.5.4)
 */
export function preferredLanguage(chosen: string | undefined, accepted: string | null): Language {
  return knownLanguage(chosen) ?? acceptedLanguages(accepted).find((each) => each !== null) ?? 'en';
}

/** The header's languages, most wanted first; null for each that has no texts. */
function acceptedLanguages(header: string | null): (Language | null)[] {
  const ranges = (header ?? '').split(',', MOST_ASKED).map((range) => {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return { language: knownLanguage(tag), q: weight === undefined ? 1 : Number(weight.slice(2)) };
  });
  return ranges
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
    .map(({ language }) => language);
}
