import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Down } from '#lib/protocol/down.ts';
import type { DOWN } from '#lib/protocol/down.ts';
import { parseDown } from '#lib/protocol/down.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';
import { check } from '../domain/support/property.ts';
import { playShow } from '../domain/support/show.ts';

const { state, events } = playShow({ seed: 1, steps: 50 });

const MESSAGES: { [K in keyof typeof DOWN]: Extract<Down, { t: K }> } = {
  welcome: {
    t: 'welcome',
    v: PROTOCOL_VERSION,
    room: state.room,
    you: { id: 'session-1', label: 'Guest 1', role: 'participant', holdings: [] },
    epoch: 1,
    seq: state.seq,
    recovered: false,
    events,
    state,
    instance: 'a',
    wakes: 1,
    now: 1_800_000_000_000,
  },
  frame: { t: 'frame', epoch: 1, from: 2, seq: 9, events: events.slice(1, 3), omitted: 6, state, head: 'ab' },
  ack: { t: 'ack', op: 'a', epoch: 1, lanes: { safe: { status: 'allocated', units: 1, seq: 2 } } },
  nack: {
    t: 'nack',
    op: 'a',
    code: 'RATE_LIMITED',
    message: 'At most 200 taps a minute.',
    retryAfterMs: 300,
  },
  fate: { t: 'fate', op: 'a', lane: 'eventual', fate: 'lost', by: 'Guest 2', units: 1 },
  audit: {
    t: 'audit',
    epoch: 1,
    seq: 9,
    settled: false,
    inFlight: 2,
    rows: null,
    checks: [{ name: 'Event numbers dense', ok: true, expected: '1, 2, 3 …', found: '9 events' }],
  },
  claim: { t: 'claim', op: 'a', lane: 'eventual', holders: 2 },
  stage: { t: 'stage', is: true, sku: 'ticket', code: 'full', blank: false },
  guessed: { t: 'guessed', asked: 4, value: 137 },
};

test.each(Object.values(MESSAGES))('a $t arrives as it was sent', (message) => {
  expect(parseDown(JSON.stringify(message))).toEqual(message);
});

test.each([
  ['frame', 'head'],
  ['nack', 'op'],
  ['nack', 'retryAfterMs'],
  ['fate', 'by'],
] as const)('a %s may come without its %s', (kind, field) => {
  const message = Object.fromEntries(Object.entries(MESSAGES[kind]).filter(([name]) => name !== field));
  expect(parseDown(JSON.stringify(message))).toEqual(message);
});

const OPTIONAL = new Set([
  'head',
  'retryAfterMs',
  'by',
  'nack.op',
  'stage.is',
  'stage.sku',
  'stage.code',
  'stage.blank',
]);
const MISSING = Object.entries(MESSAGES).flatMap(([kind, message]) =>
  Object.keys(message)
    .filter((field) => !OPTIONAL.has(field) && !OPTIONAL.has(`${kind}.${field}`))
    .map((field): [string, string] => [kind, field]),
);

test.each(MISSING)('a %s without its %s is nonsense', (kind, field) => {
  const message = MESSAGES[kind as keyof typeof MESSAGES];
  const rest = Object.fromEntries(Object.entries(message).filter(([name]) => name !== field));
  expect(parseDown(JSON.stringify(rest))).toBeNull();
});

test.each([
  '',
  'pong',
  '{',
  'null',
  '[]',
  '7',
  '{}',
  '{"t":"later"}',
  '{"t":"__proto__"}',
  '{"t":"toString"}',
])('“%s” is nothing that this client knows', (text) => {
  expect(parseDown(text)).toBeNull();
});

test('a newer server may say more in a message than this client reads', () => {
  expect(parseDown(JSON.stringify({ ...MESSAGES.claim, since: 4 }))).toEqual(MESSAGES.claim);
});

test('whatever text comes, the parser answers and does not throw', () => {
  check(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      parseDown(text);
    }),
    5_000,
  );
});
