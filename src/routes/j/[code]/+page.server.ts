import { redirect } from '@sveltejs/kit';
import { parseShowCode } from '#lib/domain/show-code.ts';
import type { PageServerLoad } from './$types';

/** The code in canonical form (null when it cannot be one), and Turnstile's public site key, if there is one. */
export const load: PageServerLoad = ({ params, platform }) => {
  const code = parseShowCode(params.code);
  if (code !== null && code !== params.code) redirect(307, `/j/${code}`);
  const siteKey = platform?.env.TURNSTILE_SITE_KEY;
  return { code, typed: params.code, siteKey: typeof siteKey === 'string' && siteKey ? siteKey : null };
};
