import { browser } from '$app/environment';
import { speak } from '#lib/language/speak.ts';
import type { LayoutLoad } from './$types';

/** No page is drawn before its texts are there in its language. */
export const load: LayoutLoad = async ({ route }) => {
  if (browser) await speak(document.documentElement, route.id);
};
