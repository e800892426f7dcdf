import * as english from './.wuchale/pages.pages.en.compiled.js';
import { texts } from './texts.ts';

export const { getRuntime, getRuntimeRx, german } = texts(
  english,
  () => import('./.wuchale/pages.pages.de.compiled.js'),
);
