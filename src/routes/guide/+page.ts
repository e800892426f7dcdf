import { parseShowCode } from '#lib/domain/show-code.ts';

/** The show that the address names: its code, null for the last one of this browser, or a text that is no code. */
export function load({ url }: { url: URL }) {
  const asked = url.searchParams.get('show');
  const code = asked === null ? null : parseShowCode(asked);
  return { code, isWrong: asked !== null && code === null };
}
