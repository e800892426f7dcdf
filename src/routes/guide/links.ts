/** Links from figures to their evidence: the check that recomputes them, or the show's card. */
import { evidence } from '#lib/guide/evidence.ts';
import type { EvidenceKey } from '#lib/guide/evidence.ts';
import { phrase } from '#lib/language/phrase.ts';
import { checkPath, showPath } from '#lib/summary/links.ts';

/** An address, and what is there. */
export interface EvidenceLink {
  href: string;
  words: string;
}

/** The link of a figure. What is stored of a session is shown on the phone's page; no log has it. */
export function linkOf(key: EvidenceKey, show: string, skuId: string): EvidenceLink {
  const { check } = evidence()[key];
  if (key === 'kept') return { href: `/j/${show}`, words: phrase('read it on the phone’s page') };
  if (check === null) return { href: showPath(show), words: phrase('on the show’s card') };
  return { href: checkPath(show, skuId, check), words: phrase('recount it') };
}
