/** Schemas of members that occur in socket messages and in HTTP bodies. */
import * as v from 'valibot';
import { MODES } from '#lib/domain/lane.ts';
import { MAX_UNITS } from './limits.ts';

/** A UUID of any version, in any case; parses to lower case, in which it is kept and compared (RFC 9562, section 4). */
export const uuid = v.pipe(v.string(), v.uuid(), v.toLowerCase());
/** Units of one op: a whole number, 1..50. */
export const units = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_UNITS));
/** Which lanes an op goes to: one of {@link MODES}. */
export const mode = v.picklist(MODES);
