import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import * as v from 'valibot';
import { EVENT_FORMS, INNER_FORMS } from '#lib/domain/audit-form.ts';
import { ERROR_STATUS } from '#lib/domain/codes.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
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
  2: '9027c387f206ba95a354c08ea10814b8e7c38c9937de478d59443e01f04cfbae',
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

/**
 * What came to the newest version since it was published, as docs/api.md allows without another one: the lanes of rooms that
 * say that version, members that may be missing, kinds of events, and forms inside new members. Nothing is ever taken from here.
 */
const ADDED = {
  lanes: LANE_IDS.filter((lane) => !PAIR.includes(lane)) as readonly string[],
  members: [
    'up.control.entries.distance',
    'http.controlBody.entries.distance',
    'events.opened.engines',
    'events.allocated.attempts',
    'events.allocated.roundTrips',
    'events.allocated.retries',
  ],
  kinds: ['events.distance', 'inner.engine'],
};

type Described = Record<string, unknown>;

/** Takes something out of a description; it has to be there. */
function taken(from: Described, path: string): unknown {
  const names = path.split('.');
  const last = names.pop() ?? '';
  const holder = names.reduce((inner, name) => inner[name] as Described, from);
  expect(holder, path).toHaveProperty([last]);
  const { [last]: found } = holder;
  delete holder[last];
  return found;
}

/** A description without the lanes that were added. */
function withoutLanes(described: unknown): unknown {
  if (Array.isArray(described)) {
    return described.filter((each) => !ADDED.lanes.includes(each as string)).map(withoutLanes);
  }
  if (typeof described !== 'object' || described === null) return described;
  const members = Object.entries(described).filter(([name]) => !ADDED.lanes.includes(name));
  return Object.fromEntries(members.map(([name, inner]) => [name, withoutLanes(inner)]));
}

test('what the protocol says is pinned to its version, and what was added may be missing', () => {
  const published = withoutLanes(structuredClone(PROTOCOL)) as Described;
  for (const member of ADDED.members) {
    const added = taken(published, member);
    expect(typeof added === 'string' ? added.endsWith('?') : (added as Described)['type'], member).toBeOneOf([
      true,
      'optional',
    ]);
  }
  for (const kind of ADDED.kinds) taken(published, kind);
  const found = hash('sha256', canonicalJson(published), 'hex');
  expect(
    found,
    'The protocol says something else than its version promises. Clients in the field rely on that version: bump ' +
      'PROTOCOL_VERSION in src/lib/protocol/version.ts and pin this hash to the new number. What docs/api.md allows ' +
      'without a new version stands in ADDED.',
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
