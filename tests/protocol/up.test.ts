import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseUp } from '#lib/protocol/up.ts';
import { check } from '../domain/support/property.ts';

const OP = '0b7f7a3e-0000-4000-8000-000000000001';
const TAP = { t: 'allocate', op: OP, epoch: 1 };

const ACCEPTED: [name: string, message: object][] = [
  ['a tap', TAP],
  ['a tap with everything', { ...TAP, units: 50, mode: 'both', rttMs: 12.5 }],
  ['a tap that reports another', { ...TAP, rtt: { op: OP, lanes: { safe: 12.5, eventual: 210 } } }],
  ['round trips without a tap', { t: 'seen', seq: 4, rtt: { op: OP, lanes: { safe: 0 } } }],
  ['a tap that took ten minutes', { ...TAP, rttMs: 600_000 }],
  ['how far it has applied', { t: 'seen', seq: 0 }],
  ['a mode', { t: 'control', mode: 'eventual' }],
  ['a step', { t: 'control', step: 6 }],
  ['a reset', { t: 'reset', op: OP }],
  ['a trip', { t: 'guardrail', action: 'trip' }],
  ['a clearing', { t: 'guardrail', action: 'clear' }],
  ['a drill', { t: 'drill', kind: 'drop' }],
  ['the question how the stage stands', { t: 'stage' }],
  ['how the stage stands', { t: 'stage', is: true, sku: 'ticket', code: 'hidden', blank: true }],
  ['an answer', { t: 'guess', asked: 4, value: 137 }],
  ['an answer to whatever is open', { t: 'guess', value: 0 }],
  ['a question', { t: 'ask', action: 'open', question: 'eventual-lost' }],
  ['the question of the step', { t: 'ask', action: 'open' }],
  ['the end of a question', { t: 'ask', action: 'close' }],
  ['what was measured of a drill', { t: 'recovered', drill: 4, waitedMs: 812.5, ms: 40, missing: 0 }],
];

test.each(ACCEPTED)('%s is understood as it was said', (_name, message) => {
  expect(parseUp(JSON.stringify(message))).toEqual({ ok: true, message });
});

test('fields that no kind has are left out, `__proto__` among them', () => {
  const text = `{"t":"seen","seq":4,"role":"presenter","__proto__":{"admin":true},"constructor":1}`;
  const parsed = parseUp(text);
  expect(parsed).toEqual({ ok: true, message: { t: 'seen', seq: 4 } });
  expect(parsed.ok && 'admin' in parsed.message).toBe(false);
  expect({}).not.toHaveProperty('admin');
});

const REFUSED: [name: string, text: string, code: string][] = [
  ['nothing', '', 'INVALID_JSON'],
  ['half a message', '{"t":"seen"', 'INVALID_JSON'],
  ['words', 'allocate', 'INVALID_JSON'],
  ['a number', '7', 'INVALID_REQUEST'],
  ['null', 'null', 'INVALID_REQUEST'],
  ['a list', '[{"t":"seen","seq":1}]', 'INVALID_REQUEST'],
  ['no kind', '{}', 'INVALID_REQUEST'],
  ['an unknown kind', '{"t":"refund"}', 'INVALID_REQUEST'],
  ['a kind that is no text', '{"t":{"t":"seen"}}', 'INVALID_REQUEST'],
  ['a kind of every object', '{"t":"constructor"}', 'INVALID_REQUEST'],
  ['__proto__ as a kind', '{"t":"__proto__"}', 'INVALID_REQUEST'],
  ['a kind from the prototype', '{"__proto__":{"t":"seen","seq":1}}', 'INVALID_REQUEST'],
  ['a tap without an id', JSON.stringify({ t: 'allocate', epoch: 1 }), 'INVALID_REQUEST'],
  ['a tap with no UUID', JSON.stringify({ ...TAP, op: 'x' }), 'INVALID_REQUEST'],
  ['a tap without an epoch', JSON.stringify({ t: 'allocate', op: OP }), 'INVALID_REQUEST'],
  ['half an epoch', JSON.stringify({ ...TAP, epoch: 1.5 }), 'INVALID_REQUEST'],
  ['no units', JSON.stringify({ ...TAP, units: 0 }), 'INVALID_UNITS'],
  ['too many units', JSON.stringify({ ...TAP, units: 51 }), 'INVALID_UNITS'],
  ['half a unit', JSON.stringify({ ...TAP, units: 0.5 }), 'INVALID_UNITS'],
  ['negative units', JSON.stringify({ ...TAP, units: -1 }), 'INVALID_UNITS'],
  ['endless units', `{"t":"allocate","op":"${OP}","epoch":1,"units":1e999}`, 'INVALID_UNITS'],
  ['half an answer', '{"t":"guess","value":1.5}', 'INVALID_REQUEST'],
  ['an answer below nothing', '{"t":"guess","value":-1}', 'INVALID_REQUEST'],
  ['an endless answer', '{"t":"guess","value":1e999}', 'INVALID_REQUEST'],
  ['an answer that is no number', '{"t":"guess","value":null}', 'INVALID_REQUEST'],
  ['no answer', '{"t":"guess"}', 'INVALID_REQUEST'],
  ['a question of somebody’s own', '{"t":"ask","action":"open","question":"weather"}', 'INVALID_REQUEST'],
  ['an act that no presenter has', '{"t":"ask","action":"peek"}', 'INVALID_REQUEST'],
  ['units as text', JSON.stringify({ ...TAP, units: '1' }), 'INVALID_UNITS'],
  ['units that are null', JSON.stringify({ ...TAP, units: null }), 'INVALID_UNITS'],
  ['units in a list', JSON.stringify({ ...TAP, units: [1] }), 'INVALID_UNITS'],
  ['an unknown mode', JSON.stringify({ ...TAP, mode: 'fast' }), 'INVALID_MODE'],
  ['a mode that is true', JSON.stringify({ ...TAP, mode: true }), 'INVALID_MODE'],
  ['a mode of every object', JSON.stringify({ ...TAP, mode: 'toString' }), 'INVALID_MODE'],
  ['a negative round trip', JSON.stringify({ ...TAP, rttMs: -1 }), 'INVALID_REQUEST'],
  ['a round trip of an hour', JSON.stringify({ ...TAP, rttMs: 3_600_000 }), 'INVALID_REQUEST'],
  ['a negative seq', '{"t":"seen","seq":-1}', 'INVALID_REQUEST'],
  ['an unsure seq', '{"t":"seen"}', 'INVALID_REQUEST'],
  ['a seventh step', '{"t":"control","step":7}', 'INVALID_REQUEST'],
  ['step zero', '{"t":"control","step":0}', 'INVALID_REQUEST'],
  ['an unknown mode to switch to', '{"t":"control","mode":"none"}', 'INVALID_MODE'],
  ['a reset without an id', '{"t":"reset"}', 'INVALID_REQUEST'],
  ['an unknown act on the guardrail', '{"t":"guardrail","action":"melt"}', 'INVALID_REQUEST'],
  ['an unknown drill', '{"t":"drill","kind":"fire"}', 'INVALID_REQUEST'],
  ['deep nesting', `{"t":"seen","seq":${'['.repeat(1_900)}${']'.repeat(1_900)}}`, 'INVALID_REQUEST'],
];

test.each(REFUSED)('%s is refused', (_name, text, code) => {
  const parsed = parseUp(text);
  expect(parsed).toMatchObject({ ok: false, malformed: { code } });
  expect(!parsed.ok && parsed.malformed.message).toMatch(/\S/);
});

test('a malformed op is named in its refusal when its id can be read', () => {
  expect(parseUp(JSON.stringify({ ...TAP, units: 0 }))).toMatchObject({ malformed: { op: OP } });
  expect(parseUp(JSON.stringify({ ...TAP, op: 'x' }))).not.toHaveProperty('malformed.op');
});

test('whatever text comes, the parser answers and does not throw', () => {
  const kinds = fc.constantFrom('allocate', 'seen', 'control', 'reset', 'guardrail', 'drill');
  const message = fc.record(
    {
      t: kinds,
      op: fc.jsonValue(),
      units: fc.jsonValue(),
      epoch: fc.jsonValue(),
      mode: fc.jsonValue(),
      seq: fc.jsonValue(),
    },
    { requiredKeys: ['t'] },
  );
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    message.map((value) => JSON.stringify(value)),
  );
  check(
    fc.property(text, (sent) => {
      const parsed = parseUp(sent);
      if (parsed.ok) expect(JSON.parse(sent)).toMatchObject(parsed.message);
      else expect(parsed.malformed.code).toMatch(/^INVALID_/);
    }),
    5_000,
  );
});
