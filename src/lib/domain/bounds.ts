/** The largest figures of the public contract, for whoever has to know them without the protocol. */

/** Units in one op. */
export const MAX_UNITS = 50;
/** Units of one product: more than a grid can show are no demonstration. */
export const MAX_CAPACITY = 100_000;
/** Price of one unit, decimal USD: it stays far inside exact money. */
export const MAX_UNIT_PRICE = 1_000_000;
/** The last millisecond that a date can have (ECMAScript), Unix milliseconds. */
export const LAST_MS = 8.64e15;
/** Most characters of a product's name, in code points: as JSON Schema counts, and the same number in every Unicode version. */
export const MAX_NAME = 60;
