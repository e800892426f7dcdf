import * as german from './.wuchale/screens.screens.de.compiled.js';
import * as english from './.wuchale/screens.screens.en.compiled.js';
import { textsOfRequest } from './texts.server.ts';

export const { getRuntime, getRuntimeRx } = textsOfRequest(english, german);
