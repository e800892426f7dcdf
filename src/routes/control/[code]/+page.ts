import { parseShowCode } from '#lib/domain/show-code.ts';

/** Rendered in the browser only: without its socket the control screen has nothing to show. */
export const ssr = false;

export function load({ params }: { params: { code: string } }) {
  return { code: parseShowCode(params.code) };
}
