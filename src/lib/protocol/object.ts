/** Objects as they come from outside. */
import * as v from 'valibot';

/** Like valibot's `object`, which takes a list for an object; a list is never one here, not even where every member is optional. */
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
