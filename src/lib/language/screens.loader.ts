import * as english from './.wuchale/screens.screens.en.compiled.js';
import { texts } from './texts.ts';

export const { getRuntime, getRuntimeRx, german } = texts(
  english,
  () => import('./.wuchale/screens.screens.de.compiled.js'),
);
