import { parseShowCode } from '#lib/domain/show-code.ts';

/** Rendered in the browser only, like the control screen. */
export const ssr = false;

export function load({ params }: { params: { code: string } }) {
  return { code: parseShowCode(params.code) };
}
