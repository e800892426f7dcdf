import { c } from './.wuchale/asides.asides.en.compiled.js';
import { texts } from './texts.ts';

export const { getRuntime, getRuntimeRx, german } = texts(
  { c },
  () => import('./.wuchale/asides.asides.de.compiled.js'),
);
