import { c } from './.wuchale/pages.pages.en.compiled.js';
import { texts } from './texts.ts';

export const { getRuntime, getRuntimeRx, german } = texts(
  { c },
  () => import('./.wuchale/pages.pages.de.compiled.js'),
);
