import * as german from './.wuchale/door.door.de.compiled.js';
import * as english from './.wuchale/door.door.en.compiled.js';
import { textsOfRequest } from './texts.server.ts';

export const { getRuntime, getRuntimeRx } = textsOfRequest(english, german);
