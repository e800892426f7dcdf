import { c } from './.wuchale/door.door.en.compiled.js';
import { texts } from './texts.ts';

export const { getRuntime, getRuntimeRx, german } = texts(
  { c },
  () => import('./.wuchale/door.door.de.compiled.js'),
);
