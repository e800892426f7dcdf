/** A reader's own choice of language: it stays on their device, and goes before what their browser asks for. */
import type { Language } from './language.ts';

/** The cookie that keeps it. */
export const LANGUAGE_COOKIE = 'language';

const A_YEAR_S = 31_536_000;

/** Keeps the choice; the next page that is asked for is in it. */
export function keepLanguage(page: Pick<Document, 'cookie'>, language: Language): void {
  page.cookie = `${LANGUAGE_COOKIE}=${language}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
}
