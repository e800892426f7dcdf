/** The German texts of all other pages, which no phone loads. */
import { german as pages } from './pages.loader.ts';
import { german as screens } from './screens.loader.ts';
import type { Switch } from './texts.ts';

/** Fetches both groups; rejects when one of them cannot be fetched. */
export function fetchGerman(): Promise<Switch[]> {
  return Promise.all([pages(), screens()]);
}
