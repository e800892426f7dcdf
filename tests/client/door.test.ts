import { describe, expect, test } from 'vitest';
import { decimalSignOf, draftOf, firstProduct, readProducts } from '#lib/client/product-form.ts';
import { forgetSignInToken, takeSignInToken } from '#lib/client/secret-links.ts';
import { makeUuid, safeStorage } from '#lib/client/surroundings.ts';
import { TapGuard } from '#lib/components/phone/tap-guard.ts';
import { uuid } from '#lib/protocol/fields.ts';
import { loginBody } from '#lib/protocol/http.ts';
import * as v from 'valibot';
import { memoryStore } from './support/fake-room.ts';

describe('the sign-in link', () => {
  test('gives its token and leaves the address bar; the tab keeps it until it was used', () => {
    const tab = memoryStore();
    const replaced: unknown[] = [];
    const place = { hash: '#signin=a%2Bsecret', pathname: '/', search: '?x=1' };
    const past = { state: { kept: true }, replaceState: (...entry: unknown[]) => void replaced.push(entry) };
    expect(takeSignInToken(place, past, tab)).toBe('a+secret');
    expect(replaced).toEqual([[{ kept: true }, '', '/?x=1']]);
    const again = { ...place, hash: '' };
    expect(takeSignInToken(again, past, tab), 'loaded again').toBe('a+secret');
    forgetSignInToken(tab);
    expect(takeSignInToken(again, past, tab), 'used').toBeNull();
  });

  test('an address without one is left as it is', () => {
    const past = { state: null, replaceState: () => expect.unreachable() };
    expect(takeSignInToken({ hash: '#top', pathname: '/', search: '' }, past, memoryStore())).toBeNull();
  });
});

describe('the products of a new show', () => {
  test('what the form accepts, the server accepts', () => {
    const drafts = [
      firstProduct(0),
      { key: 1, name: 'Concert ticket', capacity: '1', unitPrice: '0' },
      { key: 2, name: ' Élan vital! ', capacity: '100000', unitPrice: '19.99' },
      { key: 3, name: '票', capacity: '5', unitPrice: '1 000' },
      { key: 4, name: 'x'.repeat(60), capacity: '5', unitPrice: '1' },
    ];
    const form = readProducts(drafts, '.');
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
    ['name', { name: '🎫'.repeat(61) }],
    ['name', { name: '\u200b' }],
    ['capacity', { capacity: '' }],
    ['capacity', { capacity: '1.5' }],
    ['capacity', { capacity: '0' }],
    ['capacity', { capacity: '100001' }],
    ['unitPrice', { unitPrice: '-1' }],
    ['unitPrice', { unitPrice: 'ten' }],
    ['unitPrice', { unitPrice: '' }],
    ['unitPrice', { unitPrice: '1e3' }],
    ['unitPrice', { unitPrice: '33.333' }],
    ['unitPrice', { unitPrice: '0.001' }],
    ['unitPrice', { unitPrice: '1.000' }],
  ] as const)('a wrong %s is named beside its field: %o', (field, change) => {
    const form = readProducts([{ ...firstProduct(7), ...change }], '.');
    expect(form.ok ? [] : Object.keys(form.problems.get(7) ?? {})).toEqual([field]);
  });
});

describe('numbers as people type them', () => {
  const read = (capacity: string, unitPrice: string, decimal: '.' | ',') => {
    const form = readProducts([{ ...firstProduct(0), capacity, unitPrice }], decimal);
    return form.ok ? form.skus.map((sku) => [sku.capacity, sku.unitPrice])[0] : form.problems.get(0);
  };

  test.each([
    ['1.000', 1_000],
    ['1,000', 1_000],
    ['1 000', 1_000],
    ['1\u202f000', 1_000],
    ['1’000', 1_000],
    ['1٬000', 1_000],
    ['٢٠٠', 200],
    ['１００', 100],
    ['1,00,000', 100_000],
    [' 007 ', 7],
  ])('“%s” units are %i in every language', (typed, units) => {
    for (const decimal of ['.', ','] as const) expect(read(typed, '1', decimal)).toEqual([units, 1]);
  });

  test.each([
    ['12,50', '.', 12.5],
    ['12,50', ',', 12.5],
    ['12.50', ',', 12.5],
    ['12.5', '.', 12.5],
    ['١٢٫٥', '.', 12.5],
    ['１２．５０', ',', 12.5],
    ['1.000', ',', 1_000],
    ['1,000', '.', 1_000],
    ['1.234,50', '.', 1_234.5],
    ['1,234.50', ',', 1_234.5],
    ['1.000.000', '.', 1_000_000],
    ['$150', '.', 150],
    ['150 $', ',', 150],
    ['0.500', '.', 0.5],
    ['.5', '.', 0.5],
  ] as const)('“%s” dollars where the decimal sign is “%s” are %d', (typed, decimal, usd) => {
    expect(read('5', typed, decimal)).toEqual([5, usd]);
  });

  test('an amount with two readings is told, and never taken for one of them', () => {
    expect(read('5', '1.000', '.')).toEqual({ unitPrice: 'Is that 1 or 1000? Write it as one of the two.' });
    expect(read('5', '12,500', ',')).toEqual({
      unitPrice: 'Is that 12,5 or 12500? Write it as one of the two.',
    });
  });

  test('what was understood stands in the refusal', () => {
    expect(read('1.000.000', '1', ',')).toEqual({
      capacity: 'That is 1000000: a whole number from 1 to 100,000.',
    });
    expect(read('1', '2.000.000', ',')).toEqual({
      unitPrice: 'That is 2000000: an amount from 0 to 1,000,000.',
    });
    expect(read('1', '33,3333', ',')).toEqual({ unitPrice: 'That is 33,3333: a price is in whole cents.' });
  });

  test.each(['1.00.0', '1,2,3', '1.000,5.0', '--1', '-5', '1 2', 'ten', '½', '1..5', '5.'])(
    '“%s” is no number in any language',
    (typed) => {
      for (const decimal of ['.', ','] as const) {
        expect(read(typed, typed, decimal)).toMatchObject({
          capacity: 'A whole number from 1 to 100,000.',
          unitPrice: 'An amount from 0 to 1,000,000.',
        });
      }
    },
  );

  test('what a form shows of a product is read as that product, in every language', () => {
    const sku = { name: 'Ticket', capacity: 100_000, unitPrice: 1_234.05 };
    for (const language of ['en-US', 'de-DE', 'fr-CH', 'ar-EG', 'hi-IN', 'C', 'en-US@posix', '']) {
      const decimal = decimalSignOf(language);
      const form = readProducts([draftOf(0, sku, decimal)], decimal);
      expect(form).toMatchObject({ ok: true, skus: [sku] });
    }
    expect([decimalSignOf('de'), decimalSignOf('en'), decimalSignOf('C')]).toEqual([',', '.', '.']);
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
