import { redirect } from '@sveltejs/kit';
import { findShowCode } from '#lib/domain/show-code.ts';
import type { PageServerLoad } from './$types';

/**
 * Gives the page Turnstile's public site key, if the site has one, and nothing else of the configuration. A code or link that
 * the form submitted without the page's script redirects to its show.
 */
export const load: PageServerLoad = ({ platform, url }) => {
  const typed = url.searchParams.get('code')?.trim();
  if (typed) redirect(303, `/j/${encodeURIComponent(findShowCode(typed) ?? typed)}`);
  const siteKey = platform?.env.TURNSTILE_SITE_KEY;
  return { siteKey: typeof siteKey === 'string' && siteKey ? siteKey : null };
};
