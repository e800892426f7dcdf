/** The German texts of the audience's pages, fetched by those who read them. */
import { german as asides } from './asides.loader.ts';
import { german as door } from './door.loader.ts';
import { german as phone } from './phone.loader.ts';

/** Fetches all groups. Each resolved function switches its group to German; rejects when one group cannot be fetched. */
export function fetchGerman(): Promise<(() => void)[]> {
  return Promise.all([asides(), door(), phone()]);
}
