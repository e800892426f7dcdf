/** How the pages that no phone loads come to their language. */
import { embedLanguage } from './embed-choice.ts';
import { isOfStage } from './language.ts';
import type { Place } from './speak.ts';
import { stageLanguage } from './stage-choice.ts';
import type { Switch } from './texts.ts';

let fetched: Switch[] = [];

/** Whether German was chosen for the stage whose screen this is, or in an embed's address; null where that says nothing of the page. */
export function isGerman(page: Document, { route, show = '', url }: Place): boolean | null {
  const chosen = isOfStage(route) ? stageLanguage(page, show, url) : embedLanguage(route, url);
  return chosen && chosen === 'de';
}

/** Fetches the German texts of these pages, once; rejects when they cannot be fetched. */
export async function fetchGerman(): Promise<Switch[]> {
  if (fetched.length > 0) return [];
  fetched = await (await import('./german-screens.ts')).fetchGerman();
  return fetched;
}
