import * as german from './.wuchale/pages.pages.de.compiled.js';
import * as english from './.wuchale/pages.pages.en.compiled.js';
import { textsOfRequest } from './texts.server.ts';

export const { getRuntime, getRuntimeRx } = textsOfRequest(english, german);
