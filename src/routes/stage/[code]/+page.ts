import { parseShowCode } from '#lib/domain/show-code.ts';

/** A stage lives in the browser: it is nothing without its socket and its canvas. */
export const ssr = false;

export function load({ params }: { params: { code: string } }) {
  return { code: parseShowCode(params.code) };
}
