import { parseShowCode } from '#lib/domain/show-code.ts';

/** Rendered in the browser only, which fetches the summary with its own session. */
export const ssr = false;

export function load({ params }: { params: { code: string } }) {
  return { code: parseShowCode(params.code), typed: params.code };
}
