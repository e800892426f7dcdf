import { parseShowCode } from '#lib/domain/show-code.ts';

/** Which show's figures the address asks for: its code, null for whichever this browser had last, or not a code at all. */
export function load({ url }: { url: URL }) {
  const asked = url.searchParams.get('show');
  const code = asked === null ? null : parseShowCode(asked);
  return { code, isWrong: asked !== null && code === null };
}
