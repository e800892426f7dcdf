/** Sets the language of a page in a browser to the one that the server's answer names (`data-prefers`). */
import { languageOf } from './language.ts';

/** Switches a route's texts to its reader's language and sets the page's `lang`; English if they cannot be fetched. */
export async function speak(page: HTMLElement, route: string | null): Promise<void> {
  const isGerman = languageOf(route, page.dataset['prefers']) === 'de';
  page.lang = isGerman && (await speakGerman()) ? 'de' : 'en';
}

/** Switches all groups of texts, or none; false when one could not be fetched. */
async function speakGerman(): Promise<boolean> {
  try {
    const { fetchGerman } = await import('./german.ts');
    for (const change of await fetchGerman()) change();
    return true;
  } catch {
    return false;
  }
}
