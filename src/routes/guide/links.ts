/** Where the evidence of a figure lies: the check that recomputes it, or the card of the show. */
import { EVIDENCE } from '#lib/guide/evidence.ts';
import type { EvidenceKey } from '#lib/guide/evidence.ts';
import { checkPath, showPath } from '#lib/summary/links.ts';

/** An address and what one finds there. */
export interface EvidenceLink {
  href: string;
  words: string;
}

/** The link that belongs to a figure. What is kept of a session stands on the phone's page, and in no log. */
export function linkOf(key: EvidenceKey, show: string, skuId: string): EvidenceLink {
  const { check } = EVIDENCE[key];
  if (key === 'kept') return { href: `/j/${show}`, words: 'read it on the phone’s page' };
  if (check === null) return { href: showPath(show), words: 'on the show’s card' };
  return { href: checkPath(show, skuId, check), words: 'recount it' };
}
