/** Which language a reader prefers: the one they chose, or else what their browser asks for, where there are texts in it. */
import { LANGUAGES } from './language.ts';
import type { Language } from './language.ts';

/** How many of the languages that a browser asks for are looked at: nobody speaks more. */
const MOST_ASKED = 20;

/**
 * What a reader prefers; English when nothing that they ask for is there.
 * @param chosen what they chose on a page, from the cookie that keeps it
 * @param accepted the header `Accept-Language` (RFC 9110, 12.5.4)
 */
export function preferredLanguage(chosen: string | undefined, accepted: string | null): Language {
  return known(chosen) ?? acceptedLanguages(accepted).find((each) => each !== null) ?? 'en';
}

/** Languages in the order in which they are wanted; null for those that there are no texts in. */
function acceptedLanguages(header: string | null): (Language | null)[] {
  const ranges = (header ?? '').split(',', MOST_ASKED).map((range) => {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return { language: known(tag), q: weight === undefined ? 1 : Number(weight.slice(2)) };
  });
  return ranges
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
    .map(({ language }) => language);
}

/** The language of a tag, whatever its region: `de-AT` is German. */
function known(tag: string | undefined): Language | null {
  const [primary] = (tag ?? '').toLowerCase().split('-');
  return LANGUAGES.find((language) => language === primary) ?? null;
}
