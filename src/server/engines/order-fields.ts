/** An order row as engines without columns of their own store it: checked when it is read back. */
import * as v from 'valibot';

/** A whole number. */
export const count = v.pipe(v.number(), v.safeInteger());

/** An order row beside its op, which is its key. */
export const orderFields = v.object({
  epoch: count,
  who: v.string(),
  units: count,
  parentVersion: count,
  version: count,
  readAllocated: count,
  wroteAllocated: count,
  readAtMs: count,
  wroteAtMs: count,
});
