/** A list is no object, and a UUID is one in any case. */
import { expect, test } from 'vitest';
import * as v from 'valibot';
import { uuid } from '#lib/protocol/fields.ts';
import * as http from '#lib/protocol/http.ts';
import { object } from '#lib/protocol/object.ts';
import * as pairing from '#lib/protocol/pairing.ts';
import { parseUp, UP } from '#lib/protocol/up.ts';

const isObjectSchema = (value: unknown): value is v.ObjectSchema<v.ObjectEntries, undefined> =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'object';

const SCHEMAS = [...Object.entries(http), ...Object.entries(pairing), ...Object.entries(UP)].flatMap(
  ([name, schema]) => (isObjectSchema(schema) ? [[name, schema] as const] : []),
);

test('every body and message is looked at', () => {
  expect(SCHEMAS.length).toBeGreaterThanOrEqual(Object.keys(UP).length + 8);
});

test.each(SCHEMAS)('%s takes no list for an object, and says that it is none', (_name, schema) => {
  for (const list of [[], [{}], [['skuId', 'ticket']]]) {
    const parsed = v.safeParse(schema, list);
    expect(parsed.success).toBe(false);
    expect(parsed.issues?.map((issue) => [issue.type, v.getDotPath(issue)])).toEqual([['object', null]]);
  }
});

test('a list inside of a body is found where it stands', () => {
  const parsed = v.safeParse(http.loginBody, { skus: [{ id: 'a' }, ['b']] });
  expect(parsed.issues?.map((issue) => v.getDotPath(issue))).toEqual(['skus.1']);
});

test('objects are parsed as they are by the library', () => {
  const schema = object({ a: v.optional(v.number()) });
  expect(v.safeParse(schema, { a: 1, b: 2 }).output).toEqual({ a: 1 });
  for (const other of ['{}', 1, null, undefined, true]) expect(v.is(schema, other)).toBe(false);
});

test('a UUID is one in any case', () => {
  const id = crypto.randomUUID();
  expect(v.parse(uuid, id.toUpperCase())).toBe(id);
});

test('an op is parsed to its canonical form, and its spelling is kept where it has another', () => {
  const op = crypto.randomUUID();
  const sent = op.toUpperCase();
  const parse = (spelling: string, more: object = { t: 'allocate', epoch: 1 }) =>
    parseUp(JSON.stringify({ ...more, op: spelling }));
  expect(parse(op)).toEqual({ ok: true, message: { t: 'allocate', op, epoch: 1 } });
  expect(parse(sent)).toEqual({ ok: true, message: { t: 'allocate', op, epoch: 1, sentOp: sent } });
  expect(parse(sent, { t: 'reset' })).toEqual({ ok: true, message: { t: 'reset', op, sentOp: sent } });
  expect(parse(sent, { t: 'allocate', epoch: -1 })).toMatchObject({ malformed: { op: sent } });
});
