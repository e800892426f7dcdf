/** The languages of the pages, and which page speaks which. */

/** Languages that have texts; the first is the default. */
export const LANGUAGES = ['en', 'de'] as const;
/** One of {@link LANGUAGES}, as BCP 47 writes it. */
export type Language = (typeof LANGUAGES)[number];

/** The presenter's screens of a show: the stage, control, the notes and the pre-flight check. */
const STAGES = /^\/(stage|control)\//;

/**
 * True for a presenter's screen, by SvelteKit's route id. All of them speak the language of the stage, because what they tell
 * the presenter to say is said to the room; every other page speaks its reader's.
 */
export function isOfStage(route: string | null): boolean {
  return route !== null && STAGES.test(route);
}

/** The language of a BCP 47 tag by its primary subtag (`de-AT` is German); null when it has no texts. */
export function knownLanguage(tag: string | null | undefined): Language | null {
  const [primary] = (tag ?? '').toLowerCase().split('-');
  return LANGUAGES.find((language) => language === primary) ?? null;
}
