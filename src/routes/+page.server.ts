import type { PageServerLoad } from './$types';

/** Turnstile's public site key, where the site has one. Nothing else of the configuration reaches a page. */
export const load: PageServerLoad = ({ platform }) => {
  const siteKey = platform?.env.TURNSTILE_SITE_KEY;
  return { siteKey: typeof siteKey === 'string' && siteKey ? siteKey : null };
};
