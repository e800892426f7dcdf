import { c } from './.wuchale/screens.screens.en.compiled.js';
import { texts } from './texts.ts';

export const { getRuntime, getRuntimeRx, german } = texts(
  { c },
  () => import('./.wuchale/screens.screens.de.compiled.js'),
);
