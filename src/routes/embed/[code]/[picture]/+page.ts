import { parseShowCode } from '#lib/domain/show-code.ts';
import { isPicture } from '../../pictures.ts';

/** Rendered in the browser only: without its socket and canvas there is nothing to show. */
export const ssr = false;

/** The show's code (null when it cannot be one), which picture of it (null when there is none of that name), and what the address says of it. */
export function load({ params, url }: { params: { code: string; picture: string }; url: URL }) {
  const { picture } = params;
  return {
    code: parseShowCode(params.code),
    picture: isPicture(picture) ? picture : null,
    sku: url.searchParams.get('sku'),
  };
}
