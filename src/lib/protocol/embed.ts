/** What pages and server agree on of embeds: a show's figures in pages of others, read by a code (docs/embed.md). */

/** Subprotocol of a socket that reads by a code; the code is offered beside it. */
export const EMBED_PROTOCOL = 'rgl-embed';
/** What a code is sent behind, `embed.SHOW.CODE`: as a bearer token, or as an offered subprotocol. */
export const EMBED_PREFIX = 'embed.';
/** The label of all readers. */
export const EMBED_LABEL = 'embed';

/** Answer to `POST /api/auth/embed`: the only time that the code is told. */
export interface EmbedOffer {
  show: string;
  /** It may stand only in the fragment of an address, which browsers never send. */
  code: string;
}

/** Answer to `GET /api/auth/embed`, to a presenter, and to whoever has the code. */
export interface EmbedStatus {
  /** True while a code is good. */
  made: boolean;
  /** Ids of the show's SKUs, in their order. */
  skus: string[];
}

/** What a code is sent as. */
export function embedToken(show: string, code: string): string {
  return `${EMBED_PREFIX}${show}.${code}`;
}
