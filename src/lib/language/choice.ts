/** A reader's own choice of language, kept in a cookie; it takes precedence over their browser's languages. */
import type { Language } from './language.ts';

/** Name of the cookie that holds the choice. */
export const LANGUAGE_COOKIE = 'language';

const A_YEAR_S = 31_536_000;

/** Where a page keeps its cookies. */
export type Cookies = Pick<Document, 'cookie'>;

/** Stores the choice for a year. Pages that are requested from then on are in this language. */
export function keepLanguage(page: Cookies, language: Language): void {
  page.cookie = `${LANGUAGE_COOKIE}=${language}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
}
