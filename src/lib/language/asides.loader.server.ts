import * as german from './.wuchale/asides.asides.de.compiled.js';
import * as english from './.wuchale/asides.asides.en.compiled.js';
import { textsOfRequest } from './texts.server.ts';

export const { getRuntime, getRuntimeRx } = textsOfRequest(english, german);
