import { redirect } from '@sveltejs/kit';
import { findShowCode } from '#lib/domain/show-code.ts';
import type { PageServerLoad } from './$types';

/**
 * Turnstile's public site key, where the site has one; nothing else of the configuration reaches a page. A code that was
 * sent by the form alone, before the page's script was there, leads to its show; so does a link that was pasted there.
 */
export const load: PageServerLoad = ({ platform, url }) => {
  const typed = url.searchParams.get('code')?.trim();
  if (typed) redirect(303, `/j/${encodeURIComponent(findShowCode(typed) ?? typed)}`);
  const siteKey = platform?.env.TURNSTILE_SITE_KEY;
  return { siteKey: typeof siteKey === 'string' && siteKey ? siteKey : null };
};
