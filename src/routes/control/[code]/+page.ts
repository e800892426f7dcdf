import { parseShowCode } from '#lib/domain/show-code.ts';

/** The presenter’s screen lives in the browser: it is nothing without its socket. */
export const ssr = false;

export function load({ params }: { params: { code: string } }) {
  return { code: parseShowCode(params.code) };
}
