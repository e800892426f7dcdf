import { c } from './.wuchale/phone.phone.en.compiled.js';
import { texts } from './texts.ts';

export const { getRuntime, getRuntimeRx, german } = texts(
  { c },
  () => import('./.wuchale/phone.phone.de.compiled.js'),
);
