import { describe, expect, test } from 'vitest';
import { firstProduct, readProducts } from '#lib/client/product-form.ts';
import { takeSignInToken } from '#lib/client/sign-in-link.ts';
import { makeUuid, safeStorage } from '#lib/client/surroundings.ts';
import { TapGuard } from '#lib/components/phone/tap-guard.ts';
import { uuid } from '#lib/protocol/fields.ts';
import { loginBody } from '#lib/protocol/http.ts';
import * as v from 'valibot';

describe('the sign-in link', () => {
  test('gives its token once and leaves the address bar', () => {
    const replaced: unknown[] = [];
    const place = { hash: '#signin=a%2Bsecret', pathname: '/', search: '?x=1' };
    const past = { state: { kept: true }, replaceState: (...entry: unknown[]) => void replaced.push(entry) };
    expect(takeSignInToken(place, past)).toBe('a+secret');
    expect(replaced).toEqual([[{ kept: true }, '', '/?x=1']]);
  });

  test('an address without one is left as it is', () => {
    const past = { state: null, replaceState: () => expect.unreachable() };
    expect(takeSignInToken({ hash: '#top', pathname: '/', search: '' }, past)).toBeNull();
  });
});

describe('the products of a new show', () => {
  test('what the form accepts, the server accepts', () => {
    const drafts = [
      firstProduct(0),
      { key: 1, name: 'Concert ticket', capacity: '1', unitPrice: '0' },
      { key: 2, name: ' Élan vital! ', capacity: '100000', unitPrice: '19.99' },
      { key: 3, name: '票', capacity: '5', unitPrice: '1e3' },
      { key: 4, name: 'x'.repeat(60), capacity: '5', unitPrice: '1' },
    ];
    const form = readProducts(drafts);
    const skus = form.ok ? form.skus : [];
    expect(v.safeParse(loginBody, { role: 'presenter', skus }).success).toBe(true);
    expect(skus.map(({ id }) => id)).toEqual([
      'concert-ticket',
      'concert-ticket-2',
      'e-lan-vital',
      'product',
      'x'.repeat(28),
    ]);
  });

  test.each([
    ['name', { name: '  ' }],
    ['name', { name: 'x'.repeat(61) }],
    ['capacity', { capacity: '' }],
    ['capacity', { capacity: '1.5' }],
    ['capacity', { capacity: '0' }],
    ['capacity', { capacity: '100001' }],
    ['unitPrice', { unitPrice: '-1' }],
    ['unitPrice', { unitPrice: 'ten' }],
    ['unitPrice', { unitPrice: '' }],
  ] as const)('a wrong %s is named beside its field: %o', (field, change) => {
    const form = readProducts([{ ...firstProduct(7), ...change }]);
    expect(form.ok ? [] : Object.keys(form.problems.get(7) ?? {})).toEqual([field]);
  });
});

describe('a finger on the button', () => {
  test('counts when it lands, and its click does not count again, however long it stays', () => {
    const guard = new TapGuard();
    expect(guard.pressed(1, 0)).toBe(true);
    guard.released(1, 3_000);
    expect(guard.clicked(3_001, 1)).toBe(false);
  });

  test('two thumbs are two taps', () => {
    const guard = new TapGuard();
    expect([guard.pressed(1, 0), guard.pressed(2, 0)]).toEqual([true, true]);
    guard.released(1, 10);
    expect(guard.clicked(11, 1)).toBe(false);
  });

  test('keyboards and screen readers click without a finger, also right after one', () => {
    const guard = new TapGuard();
    expect(guard.clicked(5, 1)).toBe(true);
    guard.pressed(1, 0);
    guard.released(1, 100);
    expect(guard.clicked(120, 0)).toBe(true);
    expect(guard.clicked(700, 1)).toBe(true);
  });

  test('the other mouse buttons buy nothing', () => {
    expect(new TapGuard().pressed(1, 2)).toBe(false);
  });
});

test('ids are UUIDs that the room accepts, without a secure context', () => {
  const made = new Set(Array.from({ length: 200 }, () => makeUuid()));
  expect(made.size).toBe(200);
  for (const id of made) expect(v.safeParse(uuid, id).success).toBe(true);
  expect(makeUuid((bytes) => bytes.fill(255))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
});

test('a browser that refuses to store remembers for the page', () => {
  const store = safeStorage(() => {
    throw new Error('SecurityError');
  });
  store.setItem('a', 'b');
  expect(store.getItem('a')).toBe('b');
  store.removeItem('a');
  expect(store.getItem('a')).toBeNull();
});
