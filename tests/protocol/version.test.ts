import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import * as v from 'valibot';
import { EVENT_FORMS, INNER_FORMS } from '#lib/domain/audit-form.ts';
import { ERROR_STATUS } from '#lib/domain/codes.ts';
import { canonicalJson } from '#lib/domain/log.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { DOWN } from '#lib/protocol/down.ts';
import * as http from '#lib/protocol/http.ts';
import { pairRedemption } from '#lib/protocol/pairing.ts';
import { UP } from '#lib/protocol/up.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';
import { describeSchema } from './schema-description.ts';

/** What each version of the protocol says, as one hash. A version that was published is never pinned anew. */
const PINNED: Record<number, string> = {
  1: '2db191c4cea1ed133c68bc6edd0a2e5c74d9c99b78fde0af1a1de6f4429fe5b9',
  2: 'efefa6162daf39d79157edb2d73accc4464716b8812302aa4e191f45bf869c32',
};

const { allocateBody, controlBody, guardrailBody, loginBody, resetBody, rushBody } = http;
const PROTOCOL = {
  up: describeSchema(UP),
  down: describeSchema(DOWN),
  http: describeSchema({
    allocateBody,
    controlBody,
    guardrailBody,
    loginBody,
    pairRedemption,
    resetBody,
    rushBody,
  }),
  events: EVENT_FORMS,
  inner: INNER_FORMS,
  codes: ERROR_STATUS,
  close: CLOSE,
};

test('what the protocol says is pinned to its version', () => {
  const found = hash('sha256', canonicalJson(PROTOCOL), 'hex');
  expect(
    found,
    'The protocol says something else than its version promises. Clients in the field rely on that version: bump ' +
      'PROTOCOL_VERSION in src/lib/protocol/version.ts and pin this hash to the new number.',
  ).toBe(PINNED[PROTOCOL_VERSION]);
});

const SCHEMA = v.object({ a: v.pipe(v.number(), v.minValue(1)), b: v.optional(v.picklist(['x', 'y'])) });
const OTHERS: [name: string, v.GenericSchema][] = [
  [
    'another limit',
    v.object({ a: v.pipe(v.number(), v.minValue(2)), b: v.optional(v.picklist(['x', 'y'])) }),
  ],
  [
    'another type',
    v.object({ a: v.pipe(v.string(), v.minValue('1')), b: v.optional(v.picklist(['x', 'y'])) }),
  ],
  [
    'a field that is no longer optional',
    v.object({ a: v.pipe(v.number(), v.minValue(1)), b: v.picklist(['x', 'y']) }),
  ],
  [
    'another choice',
    v.object({ a: v.pipe(v.number(), v.minValue(1)), b: v.optional(v.picklist(['x', 'z'])) }),
  ],
  [
    'a renamed field',
    v.object({ a: v.pipe(v.number(), v.minValue(1)), c: v.optional(v.picklist(['x', 'y'])) }),
  ],
  ['a lifted limit', v.object({ a: v.number(), b: v.optional(v.picklist(['x', 'y'])) })],
  [
    'strictness',
    v.strictObject({ a: v.pipe(v.number(), v.minValue(1)), b: v.optional(v.picklist(['x', 'y'])) }),
  ],
];

test.each(OTHERS)('a schema with %s is described otherwise', (_name, other) => {
  const description = canonicalJson(describeSchema(SCHEMA));
  expect(canonicalJson(describeSchema(SCHEMA))).toBe(description);
  expect(canonicalJson(describeSchema(other))).not.toBe(description);
});
