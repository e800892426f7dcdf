/** A schema of objects that refuses lists. */
import * as v from 'valibot';

/** Like valibot's `object`, but refuses a list, which valibot's accepts as an object whose members are all missing. */
export function object<const E extends v.ObjectEntries>(entries: E): v.ObjectSchema<E, undefined> {
  const schema = v.object(entries);
  const run = schema['~run'];
  return Object.assign(schema, {
    '~run': ((dataset, config) => {
      if (!Array.isArray(dataset.value)) return run.call(schema, dataset, config);
      v._addIssue(schema, 'type', dataset, config);
      return { typed: false, value: dataset.value, issues: dataset.issues };
    }) as typeof run,
  });
}
