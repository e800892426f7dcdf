/** Languages of the pages. */

/** Languages that there are texts in, English first: the one for everybody else. */
export const LANGUAGES = ['en', 'de'] as const;
/** One of {@link LANGUAGES}, as BCP 47 writes it. */
export type Language = (typeof LANGUAGES)[number];

/** The language of a page: its route as the framework names it, and what its reader prefers, if that is known. */
export function languageOf(route: string | null, preferred: string | undefined): Language {
  // The audience's pages; the presenter's screens are in English.
  return preferred === 'de' && (route === '/' || route === '/j/[code]') ? 'de' : 'en';
}
