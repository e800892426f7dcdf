/** The German texts of the audience's pages, fetched by those who read them. */
import { german as asides } from './asides.loader.ts';
import { german as door } from './door.loader.ts';
import { german as phone } from './phone.loader.ts';

/** Fetches all of them. What it resolves to makes each group the page's; it rejects when one is missing. */
export function fetchGerman(): Promise<(() => void)[]> {
  return Promise.all([asides(), door(), phone()]);
}
