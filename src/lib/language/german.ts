/** The German texts of what phones and the door load, fetched by those who read them. */
import { german as asides } from './asides.loader.ts';
import { german as door } from './door.loader.ts';
import { german as phone } from './phone.loader.ts';
import type { Switch } from './texts.ts';

/** Fetches all groups; rejects when one of them cannot be fetched. */
export function fetchGerman(): Promise<Switch[]> {
  return Promise.all([asides(), door(), phone()]);
}
