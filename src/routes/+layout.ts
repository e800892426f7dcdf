import { browser } from '$app/environment';
import { speak } from '#lib/language/speak.ts';
import type { LayoutLoad } from './$types';

/** Loads the texts of the page's language before the page is rendered. */
export const load: LayoutLoad = async ({ route, params, url }) => {
  if (browser) await speak(document, { route: route.id, show: params.code, url });
};
