import { parseShowCode } from '#lib/domain/show-code.ts';

/** Rendered in the browser only, like the control screen. */
export const ssr = false;

/** The show's code from the path; null when it cannot be one. */
export function load({ params }: { params: { code: string } }) {
  return { code: parseShowCode(params.code) };
}
