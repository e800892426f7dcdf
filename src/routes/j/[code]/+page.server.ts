import { redirect } from '@sveltejs/kit';
import { parseShowCode } from '#lib/domain/show-code.ts';
import { isInApp } from '#lib/protocol/app-browser.ts';
import type { PageServerLoad } from './$types';

/**
 * The code in canonical form (null when it cannot be one), Turnstile's public site key, if there is one, and whether the page is
 * read in another app: said here, because phones need not carry the list of such apps.
 */
export const load: PageServerLoad = ({ params, platform, request }) => {
  const code = parseShowCode(params.code);
  if (code !== null && code !== params.code) redirect(307, `/j/${code}`);
  const siteKey = platform?.env.TURNSTILE_SITE_KEY;
  return {
    code,
    typed: params.code,
    siteKey: typeof siteKey === 'string' && siteKey ? siteKey : null,
    inApp: isInApp(request.headers.get('user-agent') ?? ''),
  };
};
