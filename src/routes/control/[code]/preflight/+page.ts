import { parseShowCode } from '#lib/domain/show-code.ts';

/** The check looks at this browser: there is nothing that a server could draw of it. */
export const ssr = false;

export function load({ params }: { params: { code: string } }) {
  return { code: parseShowCode(params.code) };
}
