/** DynamoDB's items: how values are written in them, and read from them. */
import * as v from 'valibot';

/** A value as DynamoDB writes it: its type, and the value. */
export type Attribute =
  | { S: string }
  | { N: string }
  | { BOOL: boolean }
  | { SS: string[] }
  | { L: Attribute[] }
  | { M: Record<string, Attribute> };
/** An item, or a map in one. */
export type Item = Record<string, Attribute>;

/** An item as it comes: which attributes it has is for those to check who read it. */
export const item: v.GenericSchema<Item> = v.record(
  v.string(),
  v.custom<Attribute>((value) => typeof value === 'object' && value !== null),
);

/** A text attribute. */
export const text = v.pipe(
  v.object({ S: v.string() }),
  v.transform(({ S }) => S),
);
/** A whole number. */
export const whole = v.pipe(
  v.object({ N: v.string() }),
  v.transform(({ N }) => Number(N)),
  v.safeInteger(),
);
/** A flag. */
export const flag = v.pipe(
  v.object({ BOOL: v.boolean() }),
  v.transform(({ BOOL }) => BOOL),
);
/** A set of texts. DynamoDB has no empty one: it is missing instead. */
export const texts = v.pipe(
  v.object({ SS: v.array(v.string()) }),
  v.transform(({ SS }) => new Set(SS)),
);

/** Values as attributes; those that are not there are left out. */
export function itemOf(values: Record<string, string | number | boolean | undefined>): Item {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, attributeOf(value)]],
    ),
  );
}

function attributeOf(value: string | number | boolean): Attribute {
  if (typeof value === 'string') return { S: value };
  return typeof value === 'number' ? { N: String(value) } : { BOOL: value };
}
