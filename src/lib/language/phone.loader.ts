import * as english from './.wuchale/phone.phone.en.compiled.js';
import { texts } from './texts.ts';

export const { getRuntime, getRuntimeRx, german } = texts(
  english,
  () => import('./.wuchale/phone.phone.de.compiled.js'),
);
