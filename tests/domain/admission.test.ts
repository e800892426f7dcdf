import { expect, test } from 'vitest';
import { admit, MAX_OPS } from '#lib/domain/admission.ts';
import type { AdmissionView } from '#lib/domain/admission.ts';
import { isSameOp } from '#lib/domain/op.ts';
import type { KnownOp, OpRequest } from '#lib/domain/op.ts';

const REQUEST: OpRequest = {
  op: '0b7f7a3e-0000-4000-8000-000000000001',
  owner: 'session-1',
  label: 'Guest 1',
  role: 'participant',
  units: 1,
  epoch: 3,
  mode: 'eventual',
  sim: false,
};
const KNOWN: KnownOp = {
  op: REQUEST.op,
  owner: 'session-1',
  label: 'Guest 1',
  units: 1,
  mode: 'eventual',
  epoch: 2,
  admittedAtMs: 0,
  lanes: { eventual: { status: 'allocated', units: 1, seq: 7 } },
};
const VIEW: AdmissionView = {
  barred: null,
  ended: false,
  known: null,
  epoch: 3,
  mode: 'eventual',
  lanes: ['safe', 'eventual'],
  resetting: false,
  waitForGoMs: 0,
  exceedsRealBudget: () => false,
  guardrailBlocks: false,
  waitForTokenMs: () => 0,
  waitForTurnMs: () => 0,
  isFull: () => false,
  opsKept: 0,
  typicalFlightMs: 120.4,
};

/** Every reason in the order of the rules, and how the room comes to look when it applies. */
const REASONS: [says: string, Partial<AdmissionView>][] = [
  ['INVALID_MODE', { mode: 'safe', lanes: ['safe'] }],
  ['EXPIRED_SESSION', { barred: { code: 'EXPIRED_SESSION', message: 'Sign in again.' } }],
  ['SHOW_ENDED', { ended: true }],
  ['duplicate', { known: KNOWN }],
  ['IDEMPOTENCY_KEY_REUSED', { known: { ...KNOWN, owner: 'session-2' } }],
  ['STALE_EPOCH', { epoch: 4 }],
  ['MODE_MISMATCH', { mode: 'safe' }],
  ['HELD', { waitForGoMs: Infinity }],
  ['REAL_BUDGET_EXCEEDED', { exceedsRealBudget: () => true }],
  ['GUARDRAIL_BLOCKED', { guardrailBlocks: true }],
  ['RATE_LIMITED', { waitForTokenMs: () => 12.3 }],
  ['BUSY', { waitForTurnMs: () => 12.3 }],
  ['BUSY', { isFull: () => true }],
  ['STORAGE_UNAVAILABLE', { opsKept: MAX_OPS }],
];

const says = (view: AdmissionView, request = REQUEST) => {
  const admission = admit(request, view);
  return admission.kind === 'refused' ? admission.refusal.code : admission.kind;
};

const PAIRS = REASONS.flatMap(([first, one], rank) =>
  REASONS.slice(rank + 1).map(([second, other]): [string, string, AdmissionView] => [
    first,
    second,
    // What the first reason says of the room wins where both speak of the same thing.
    { ...VIEW, ...other, ...one },
  ]),
);

test.each(REASONS)('%s alone is what it says', (code, view) => {
  expect(says({ ...VIEW, ...view })).toBe(code);
});

test.each(PAIRS)('%s comes before %s', (first, _second, view) => {
  expect(says(view)).toBe(first);
});

test('an op without a reason against it is admitted, in the mode it named or else the room’s', () => {
  expect(admit(REQUEST, VIEW)).toEqual({ kind: 'admitted', mode: 'eventual' });
  expect(admit({ ...REQUEST, mode: null, epoch: null }, VIEW)).toEqual({
    kind: 'admitted',
    mode: 'eventual',
  });
  expect(admit({ ...REQUEST, role: 'presenter', mode: 'safe' }, VIEW)).toEqual({
    kind: 'admitted',
    mode: 'safe',
  });
});

test('what costs time to work out is not asked before it is its turn', () => {
  const never = () => {
    throw new Error('asked too early');
  };
  const view = { ...VIEW, exceedsRealBudget: never, waitForTokenMs: never, waitForTurnMs: never };
  expect(says({ ...view, known: KNOWN })).toBe('duplicate');
  expect(says({ ...view, epoch: 4 })).toBe('STALE_EPOCH');
});

test('a held room says when to come again once the GO was given, and not before', () => {
  const refusal = (waitForGoMs: number) => {
    const admission = admit(REQUEST, { ...VIEW, waitForGoMs });
    return admission.kind === 'refused' ? admission.refusal : null;
  };
  expect(refusal(Infinity)).toEqual({ code: 'HELD', message: 'Wait for the GO. Nothing was bought.' });
  expect(refusal(1_200.4)).toMatchObject({ code: 'HELD', retryAfterMs: 1_201 });
  expect(says({ ...VIEW, waitForGoMs: Infinity, known: KNOWN })).toBe('duplicate');
});

test('nothing new starts while a reset draws its line, and what is known is still answered', () => {
  expect(says({ ...VIEW, resetting: true })).toBe('STALE_EPOCH');
  expect(says({ ...VIEW, resetting: true }, { ...REQUEST, epoch: null })).toBe('STALE_EPOCH');
  expect(says({ ...VIEW, resetting: true, known: KNOWN })).toBe('duplicate');
});

test('only modes that answer later can be busy', () => {
  const isFull = () => true;
  expect(says({ ...VIEW, mode: 'safe', isFull }, { ...REQUEST, mode: 'safe' })).toBe('admitted');
  expect(says({ ...VIEW, mode: 'both', isFull }, { ...REQUEST, mode: 'both' })).toBe('BUSY');
});

test('a contest is busy when every lane that answers later is full, and none of them alone', () => {
  const contest = { ...VIEW, mode: 'contest', lanes: ['safe', 'eventual', 'redis-script'] } as const;
  const request = { ...REQUEST, mode: 'contest' } as const;
  expect(says({ ...contest, isFull: (lane) => lane === 'eventual' }, request)).toBe('admitted');
  expect(says({ ...contest, isFull: (lane) => lane !== 'safe' }, request)).toBe('BUSY');
});

test('refusals that pass say in whole milliseconds when to come back', () => {
  expect(admit(REQUEST, { ...VIEW, waitForTokenMs: () => 12.3 })).toMatchObject({
    refusal: { retryAfterMs: 13 },
  });
  expect(admit(REQUEST, { ...VIEW, isFull: () => true })).toMatchObject({
    refusal: { retryAfterMs: 121 },
  });
  expect(admit(REQUEST, { ...VIEW, ended: true })).not.toHaveProperty('refusal.retryAfterMs');
});

const SAME: [name: string, same: boolean, Partial<OpRequest>][] = [
  ['the same payload', true, {}],
  ['the same payload in a later epoch', true, { epoch: 9 }],
  ['no mode said', true, { mode: null }],
  ['another owner', false, { owner: 'session-2' }],
  ['other units', false, { units: 2 }],
  ['another mode', false, { mode: 'safe' }],
];

test.each(SAME)('an id that comes again with %s is the same op: %s', (_name, same, change) => {
  expect(isSameOp(KNOWN, { ...REQUEST, ...change })).toBe(same);
});
