import { parseShowCode } from '#lib/domain/show-code.ts';

/** The card is read with whatever session this browser has, and drawn by it: nothing of it is made by the server. */
export const ssr = false;

export function load({ params }: { params: { code: string } }) {
  return { code: parseShowCode(params.code), typed: params.code };
}
