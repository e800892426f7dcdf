/** Sets the language of a page in a browser: the stage's on a presenter's screen, else what the server found its reader to want. */
import type { Switch } from './texts.ts';

/** What of an address decides the language. */
export interface Place {
  /** SvelteKit's route id; null for an unknown address. */
  route: string | null;
  /** Code of the show in the path; undefined where there is none. */
  show: string | undefined;
  url: Pick<URL, 'searchParams'>;
}

/** What phones and the door load: no phone loads how other pages come to their language. */
const OF_PHONES = /^(\/|\/j\/\[code\])$/;

let switches: Switch[] = [];

/** Switches a page's texts to its language and sets the page's `lang`; English if they cannot be fetched. */
export async function speak(page: Document, place: Place): Promise<void> {
  const { documentElement: root } = page;
  let isGerman = root.dataset['prefers'] === 'de';
  try {
    const others = OF_PHONES.test(place.route ?? '/') ? null : await import('./speak-elsewhere.ts');
    isGerman = others?.isGerman(page, place) ?? isGerman;
    if (isGerman && switches.length === 0) switches = await (await import('./german.ts')).fetchGerman();
    if (isGerman && others) switches = [...switches, ...(await others.fetchGerman())];
  } catch {
    isGerman = false;
  }
  for (const change of switches) change(isGerman);
  root.lang = isGerman ? 'de' : 'en';
}
