import { parseShowCode } from '#lib/domain/show-code.ts';

/** The notes live in the browser, as the screen that they belong to. */
export const ssr = false;

export function load({ params }: { params: { code: string } }) {
  return { code: parseShowCode(params.code) };
}
