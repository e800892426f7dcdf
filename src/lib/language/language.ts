/** The languages of the pages. */

/** Languages that have texts; the first is the default. */
export const LANGUAGES = ['en', 'de'] as const;
/** One of {@link LANGUAGES}, as BCP 47 writes it. */
export type Language = (typeof LANGUAGES)[number];

/** The language that a page is shown in. `route` is SvelteKit's route id, `preferred` its reader's language if known. */
export function languageOf(route: string | null, preferred: string | undefined): Language {
  // The audience's pages; the presenter's screens are in English.
  return preferred === 'de' && (route === '/' || route === '/j/[code]') ? 'de' : 'en';
}
