import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventDraft } from '#lib/domain/events.ts';
import { emptyFacts, emptyLanes, GENESIS } from '#lib/domain/facts.ts';
import { canonicalJson, chainNext, hashOf, withoutHash } from '#lib/domain/log.ts';
import { apply } from '#lib/domain/reduce.ts';
import { check } from './support/property.ts';
import { sha256 } from './support/sha256.ts';

test('the example of RFC 8785, 3.2.2, comes out as printed there', () => {
  const value: unknown = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`);
  expect(canonicalJson(value)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
      String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test('keys are sorted by UTF-16 code units, as in RFC 8785, 3.2.3', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\u{1f600}': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  };
  const order = [...canonicalJson(value).matchAll(/:"(.*?)"/g)].map(([, name]) => name);
  expect(order).toEqual([
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ]);
});

/** Appendix B of RFC 8785: the number by its IEEE 754 bits, and its one form. */
test.each([
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['3e7ad7f29abcaf48', '1e-7'],
  ['41b3de4355555555', '333333333.3333333'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
])('the number with the bits %s is written %s', (bits, text) => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  expect(canonicalJson(view.getFloat64(0))).toBe(text);
});

test('control characters are escaped as RFC 8785 says, others are not', () => {
  expect(canonicalJson('\b\t\n\f\r\u0000\u001f\u007f\u2028é/"\\')).toBe(
    '"\\b\\t\\n\\f\\r\\u0000\\u001f\u007f\u2028é/\\"\\\\"',
  );
});

test('what JSON has no form for throws, what is not there is left out', () => {
  for (const value of [NaN, Infinity, undefined, 1n, () => 1, Symbol('x'), [undefined]]) {
    expect(() => canonicalJson(value)).toThrow('JSON has no form');
  }
  expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
});

test('canonical JSON is JSON, says the same, and does not depend on the order in which it was built', () => {
  check(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(reversed(value))).toBe(text);
    }),
  );
});

/** The same value with every object built in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

const DRAFTS: [EventDraft, atMs: number, hash: string][] = [
  [
    { kind: 'mode', body: { mode: 'both', by: 'Présentatrice €' } },
    1_800_000_000_000,
    'f3e73bb77951f389bd1d962fc511b02ef29f2365920df10081e7b2174f9a9a6f',
  ],
  [
    { kind: 'allocated', body: { who: 'Guest 1', units: 2, sim: true, op: 'a', lane: 'safe' } },
    1_800_000_000_001,
    '976f619a7c118f4d7dd3ffb2494f82a19f07f2037c635c1a6dc18bfff67ea0e5',
  ],
  [
    { kind: 'reset', body: { by: 'Host', fromEpoch: 1, toEpoch: 2, realCarriedUsd: 1e-7 } },
    1_800_000_000_002,
    'c75496cde237dcb803b41e566544f923e55ef405d604c3f4e553d92ddc549a49',
  ],
];

test('the chain has the hashes that were worked out apart from this code', () => {
  const facts = { ...emptyFacts(), lanes: emptyLanes(['safe', 'eventual']) };
  for (const [draft, atMs, expected] of DRAFTS) {
    const { event } = chainNext(facts, draft, atMs, sha256);
    apply(facts, event);
    expect(event.hash).toBe(expected);
  }
  expect(facts).toMatchObject({
    seq: 3,
    epoch: 2,
    head: 'c75496cde237dcb803b41e566544f923e55ef405d604c3f4e553d92ddc549a49',
  });
});

test('a line of the log is the event with its hash, and hashes to it again', () => {
  const facts = { ...emptyFacts(), lanes: emptyLanes(['safe', 'eventual']) };
  let previous = GENESIS;
  for (const [draft, atMs] of DRAFTS) {
    const { event, json } = chainNext(facts, draft, atMs, sha256);
    expect(JSON.parse(json)).toEqual(event);
    expect(hashOf(previous, withoutHash(event), sha256)).toBe(event.hash);
    expect(event.hash).toBe(hash('sha256', previous + canonicalJson(withoutHash(event)), 'hex'));
    previous = event.hash;
    apply(facts, event);
  }
});

test('a reset is the first event of its epoch', () => {
  const facts = emptyFacts();
  const [, , [draft, atMs]] = DRAFTS as [unknown, unknown, [EventDraft, number]];
  expect(chainNext(facts, draft, atMs, sha256).event.epoch).toBe(2);
});
