/** Sets the language of a page in a browser: the stage's on a presenter's screen, else what the server found its reader to want. */
import { isOfPhone, isOfStage, knownLanguage } from './language.ts';
import type { Switch } from './texts.ts';

/** What of an address decides the language. */
export interface Place {
  /** SvelteKit's route id. */
  route: string | null;
  /** Code of the show in the path; undefined where there is none. */
  show: string | undefined;
  url: Pick<URL, 'searchParams'>;
}

let ofPhones: Switch[] = [];
let ofScreens: Switch[] = [];

/** Switches a page's texts to its language and sets the page's `lang`; English if they cannot be fetched. */
export async function speak(page: Document, { route, show = '', url }: Place): Promise<void> {
  const { documentElement: root } = page;
  // No phone loads how a stage comes to its language.
  const ofStage = isOfStage(route) && (await import('./stage-choice.ts')).stageLanguage(page, show, url);
  const language = ofStage || knownLanguage(root.dataset['prefers']);
  const isGerman = language === 'de' && (await fetched(route));
  for (const change of [...ofPhones, ...ofScreens]) change(isGerman);
  root.lang = isGerman ? 'de' : 'en';
}

/** Fetches the German texts that a page needs; false when some could not be fetched: half of a page is in no language. */
async function fetched(route: string | null): Promise<boolean> {
  try {
    if (ofPhones.length === 0) ofPhones = await (await import('./german.ts')).fetchGerman();
    if (isOfPhone(route) || ofScreens.length > 0) return true;
    ofScreens = await (await import('./german-screens.ts')).fetchGerman();
    return true;
  } catch {
    return false;
  }
}
