import { expect, test } from 'vitest';
import * as v from 'valibot';
import {
  allocateBody,
  controlBody,
  guardrailBody,
  loginBody,
  resetBody,
  rushBody,
} from '#lib/protocol/http.ts';
import { roomName, roomPath } from '#lib/protocol/paths.ts';

const sku = (change: object) => ({ skus: [{ id: 'sneaker', ...change }] });

const ACCEPTED: [name: string, v.GenericSchema, body: object][] = [
  ['a login that says nothing', loginBody, {}],
  ['a participant’s login', loginBody, { role: 'participant', show: 'ABCDEF', turnstileToken: 't' }],
  ['a login with a price in cents', loginBody, sku({ unitPrice: 0.07 })],
  ['a login with a product', loginBody, sku({ name: 'Sneaker', capacity: 100, unitPrice: 189.5 })],
  ['a free product', loginBody, sku({ unitPrice: 0 })],
  ['five products', loginBody, { skus: ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id })) }],
  ['a login that names lanes', loginBody, { lanes: ['eventual', 'safe'] }],
  ['an allocation', allocateBody, { skuId: 'sneaker' }],
  ['an allocation with everything', allocateBody, { skuId: 'sneaker', units: 50, mode: 'both' }],
  ['a rush', rushBody, { skuId: 'sneaker', count: 500, mode: 'eventual', units: 2 }],
  ['a mode', controlBody, { skuId: 'sneaker', mode: 'safe' }],
  ['a contest', controlBody, { skuId: 'sneaker', mode: 'contest' }],
  ['a step', controlBody, { skuId: 'sneaker', step: 1 }],
  ['a trip', guardrailBody, { skuId: 'sneaker', action: 'trip' }],
  ['a reset of everything', resetBody, {}],
  ['a reset of one', resetBody, { skuId: 'sneaker' }],
];

test.each(ACCEPTED)('%s is understood as it was said', (_name, schema, body) => {
  expect(v.parse(schema, JSON.parse(JSON.stringify(body)))).toEqual(body);
});

test.each([
  ['emoji', '🎫'.repeat(60)],
  ['an emoji of several parts', '👩‍👩‍👧‍👦'],
  ['a Persian word with its joiner', 'می‌خواهم'],
])('a name of %s is taken as it is: characters are code points', (_name, name) => {
  expect(v.parse(loginBody, sku({ name })).skus?.[0]?.name).toBe(name);
});

test.each([
  ['too long', '🎫'.repeat(61)],
  ['a zero-width space', '\u200b'],
  ['spaces and joiners', ' \u200d\u2060\u200d '],
  ['a Hangul filler', '\u3164'],
  ['an empty Braille cell', '\u2800'],
  ['a soft hyphen and a null', '\u00ad\0'],
  ['directions alone', '\u202e\u2066'],
])('a name that is %s is refused with a sentence', (_name, name) => {
  const { success, issues } = v.safeParse(loginBody, sku({ name }));
  expect(success).toBe(false);
  expect(issues?.[0].message).toBe('a name has 1 to 60 characters, of which one at least can be seen');
});

test('a product’s name is trimmed', () => {
  expect(v.parse(loginBody, sku({ name: '  Sneaker ' })).skus?.[0]?.name).toBe('Sneaker');
});

test('fields that no body has are left out, `__proto__` among them', () => {
  const body: unknown = JSON.parse('{"skuId":"sneaker","__proto__":{"role":"presenter"},"sim":true}');
  const parsed = v.parse(allocateBody, body);
  expect(parsed).toEqual({ skuId: 'sneaker' });
  expect('role' in parsed).toBe(false);
});

const REFUSED: [name: string, v.GenericSchema, body: unknown, field: string | null][] = [
  ['a body that is nothing', loginBody, null, null],
  ['a body that is text', loginBody, 'login', null],
  ['an unknown role', loginBody, { role: 'admin' }, 'role'],
  ['a show that is a number', loginBody, { show: 7 }, 'show'],
  ['a show as long as a book', loginBody, { show: 'A'.repeat(33) }, 'show'],
  ['a token that is too long', loginBody, { turnstileToken: 't'.repeat(2_049) }, 'turnstileToken'],
  ['no products', loginBody, { skus: [] }, 'skus'],
  ['six products', loginBody, { skus: Array.from({ length: 6 }, (_, n) => ({ id: `p${n}` })) }, 'skus'],
  ['products that are no list', loginBody, { skus: { id: 'a' } }, 'skus'],
  ['a product without an id', loginBody, { skus: [{}] }, 'skus.0.id'],
  ['a product named __proto__', loginBody, { skus: [{ id: '__proto__' }] }, 'skus.0.id'],
  ['a product with a dot', loginBody, { skus: [{ id: 'a.b' }] }, 'skus.0.id'],
  ['a product with no name', loginBody, sku({ name: '   ' }), 'skus.0.name'],
  ['a product with a long name', loginBody, sku({ name: 'x'.repeat(61) }), 'skus.0.name'],
  ['a product with half a character', loginBody, sku({ name: '\ud83d' }), 'skus.0.name'],
  ['no capacity', loginBody, sku({ capacity: 0 }), 'skus.0.capacity'],
  ['half a unit of capacity', loginBody, sku({ capacity: 1.5 }), 'skus.0.capacity'],
  ['too much capacity', loginBody, sku({ capacity: 100_001 }), 'skus.0.capacity'],
  ['a negative price', loginBody, sku({ unitPrice: -1 }), 'skus.0.unitPrice'],
  ['a price beyond measure', loginBody, sku({ unitPrice: Infinity }), 'skus.0.unitPrice'],
  ['a price finer than a cent', loginBody, sku({ unitPrice: 33.333 }), 'skus.0.unitPrice'],
  ['a price finer than money', loginBody, sku({ unitPrice: 1.234_567_890_123e-25 }), 'skus.0.unitPrice'],
  ['an allocation of nothing', allocateBody, {}, 'skuId'],
  ['no units', allocateBody, { skuId: 'a', units: 0 }, 'units'],
  ['too many units', allocateBody, { skuId: 'a', units: 51 }, 'units'],
  ['units as text', allocateBody, { skuId: 'a', units: '1' }, 'units'],
  ['an unknown mode', allocateBody, { skuId: 'a', mode: 'fast' }, 'mode'],
  ['a rush of nobody', rushBody, { skuId: 'a', count: 0 }, 'count'],
  ['a rush of too many', rushBody, { skuId: 'a', count: 501 }, 'count'],
  ['a rush without a count', rushBody, { skuId: 'a' }, 'count'],
  ['a seventh step', controlBody, { skuId: 'a', step: 7 }, 'step'],
  ['an unknown act', guardrailBody, { skuId: 'a', action: 'melt' }, 'action'],
  ['a reset of a number', resetBody, { skuId: 7 }, 'skuId'],
];

test.each(REFUSED)('%s is refused, and the field is named', (_name, schema, body, field) => {
  const parsed = v.safeParse(schema, body);
  expect(parsed.success).toBe(false);
  expect(parsed.issues && v.getDotPath(parsed.issues[0])).toBe(field);
});

test('a room is found under its show and its product', () => {
  expect(roomName('ABCDEF', 'sneaker')).toBe('ABCDEF.sneaker');
  expect(roomPath('ABCDEF', 'sneaker')).toBe('/parties/room/ABCDEF.sneaker');
});
