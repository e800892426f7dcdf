/** Fields that messages and calls have in common. */
import * as v from 'valibot';
import { MODES } from '#lib/domain/lane.ts';
import { MAX_UNITS } from './limits.ts';

/** A UUID of any version, in any case. It is kept and compared in lower case (RFC 9562, section 4), which is what this parses to. */
export const uuid = v.pipe(v.string(), v.uuid(), v.toLowerCase());
/** Units of one op: a whole number, 1..50. */
export const units = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_UNITS));
/** See {@link MODES}. */
export const mode = v.picklist(MODES);
