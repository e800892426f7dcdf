/** The language of the page that asks, on the server and in a browser alike: its catalogue says it. */
import { knownLanguage } from '#lib/language/language.ts';
import type { Language } from '#lib/language/language.ts';
import { phrase } from '#lib/language/phrase.ts';

/** The language that this page's texts are in. */
export function pageLanguage(): Language {
  return knownLanguage(phrase('en')) ?? 'en';
}
