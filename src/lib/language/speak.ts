/** The language of a page in a browser: the one that the server's answer names as its reader's. */
import { languageOf } from './language.ts';

/** Makes the texts of a route those of its reader's language, and the page say which it is. */
export async function speak(page: HTMLElement, route: string | null): Promise<void> {
  const isGerman = languageOf(route, page.dataset['prefers']) === 'de';
  // Without the texts of another language a page is in English: it works all the same.
  page.lang = isGerman && (await speakGerman()) ? 'de' : 'en';
}

/** False when not every text could be fetched: then none has changed. */
async function speakGerman(): Promise<boolean> {
  try {
    const { fetchGerman } = await import('./german.ts');
    for (const change of await fetchGerman()) change();
    return true;
  } catch {
    return false;
  }
}
