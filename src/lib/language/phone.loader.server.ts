import * as german from './.wuchale/phone.phone.de.compiled.js';
import * as english from './.wuchale/phone.phone.en.compiled.js';
import { textsOfRequest } from './texts.server.ts';

export const { getRuntime, getRuntimeRx } = textsOfRequest(english, german);
