/** The language of a page that shows figures in a page of somebody else: what its address says. It keeps no cookie. */
import type { Language } from './language.ts';
import { broughtLanguage } from './stage-choice.ts';

const EMBEDS = /^\/embed\//;

/** True for such a page, by SvelteKit's route id. */
export function isEmbed(route: string | null): boolean {
  return route !== null && EMBEDS.test(route);
}

/** The language that its address says; null for any other page, or when it says none that has texts. */
export function embedLanguage(route: string | null, url: Pick<URL, 'searchParams'>): Language | null {
  return isEmbed(route) ? broughtLanguage(url) : null;
}
