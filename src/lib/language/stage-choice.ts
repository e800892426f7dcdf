/**
 * The language of a show's stage. It is chosen at the door when the show is opened and holds for every presenter's screen of
 * that show: a cookie of the device remembers it, and the code that lets a second device in brings it along in its address.
 */
import type { Cookies } from './choice.ts';
import { knownLanguage } from './language.ts';
import type { Language } from './language.ts';

/** What brings the language to a screen on another device, in its address. */
export const LANGUAGE_PARAMETER = 'lang';

/** Longer than any show; a reload, and a browser that was closed meanwhile, find it. */
const A_DAY_S = 86_400;

/** Name of the cookie that holds the language of a show's stage. */
export function stageCookie(show: string): string {
  // The show's code stands in an address, which may say anything: only what can be part of a code gets into the name.
  return `stage-${show.replace(/[^A-Za-z0-9]/g, '').toUpperCase()}`;
}

/** Remembers on this device what was chosen for the stage of a show. */
export function keepStageLanguage(page: Cookies, show: string, language: Language): void {
  page.cookie = `${stageCookie(show)}=${language}; path=/; max-age=${A_DAY_S}; samesite=lax`;
}

/** What this device remembers of it; null when it was never told. */
export function keptStageLanguage({ cookie }: Cookies, show: string): Language | null {
  const name = `${stageCookie(show)}=`;
  const kept = cookie.split('; ').find((each) => each.startsWith(name));
  return knownLanguage(kept?.slice(name.length));
}

/** The language that a presenter's screen was opened with; null when its address says none that has texts. */
export function broughtLanguage({ searchParams }: Pick<URL, 'searchParams'>): Language | null {
  return knownLanguage(searchParams.get(LANGUAGE_PARAMETER));
}

/** The language of a show's stage for this page: its address's, which this device then remembers, or what it remembers. */
export function stageLanguage(page: Cookies, show: string, url: Pick<URL, 'searchParams'>): Language | null {
  const brought = broughtLanguage(url);
  if (brought) keepStageLanguage(page, show, brought);
  return brought ?? keptStageLanguage(page, show);
}
