/** docs/api.md says what the schemas say: every call, body, message, code and limit, and nothing that is not there. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERROR_STATUS } from '#lib/domain/codes.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { DOWN } from '#lib/protocol/down.ts';
import * as http from '#lib/protocol/http.ts';
import * as limits from '#lib/protocol/limits.ts';
import { pairRedemption } from '#lib/protocol/pairing.ts';
import { UP } from '#lib/protocol/up.ts';
import { headingsAfter, membersUnder, tableUnder } from './api-page.ts';
import type { DocumentedMember } from './api-page.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const PAGE = read('docs/api.md');

const BODIES: [heading: string, schema: ObjectSchema][] = [
  ['Body of `POST /api/auth/login`', http.loginBody],
  ['A SKU of a login', http.skuInput],
  ['Body of `POST /api/auth/pair/redeem`', pairRedemption],
  ['Body of `POST /api/demo/allocate`', http.allocateBody],
  ['Body of `POST /api/demo/rush`', http.rushBody],
  ['Body of `POST /api/demo/control`', http.controlBody],
  ['Body of `POST /api/demo/guardrail`', http.guardrailBody],
  ['Body of `POST /api/demo/reset`', http.resetBody],
];

describe('the page lists', () => {
  test('every route of the API and no other', () => {
    const source = read('src/server/api/api.ts');
    const routes = [...source.matchAll(/\.(get|post)\(\s*'([^']+)'/g)].map(
      ([, method = '', path = '']) => `${method.toUpperCase()} /api${path}`,
    );
    const listed = tableUnder(PAGE, 'Calls').map(([call = '']) => call.replaceAll('`', ''));
    expect(listed.sort()).toEqual(routes.sort());
  });

  test.each(BODIES)('every member of %s, with what is accepted', (heading, schema) => {
    expect(membersUnder(PAGE, heading)).toEqual(membersOf(schema));
  });

  test('every message that a client may send, with what is accepted', () => {
    expect(headingsAfter(PAGE, 'Up: ').sort()).toEqual(Object.keys(UP).sort());
    for (const [kind, schema] of Object.entries(UP)) {
      expect(membersUnder(PAGE, `Up: \`${kind}\``), kind).toEqual(membersOf(schema));
    }
  });

  test('every message of a room, with its members', () => {
    expect(headingsAfter(PAGE, 'Down: ').sort()).toEqual(Object.keys(DOWN).sort());
    for (const [kind, schema] of Object.entries(DOWN)) {
      const names = ({ name, optional }: DocumentedMember) => ({ name, optional });
      expect(membersUnder(PAGE, `Down: \`${kind}\``).map(names), kind).toEqual(membersOf(schema).map(names));
    }
  });

  test('every error code with its status', () => {
    const listed = tableUnder(PAGE, 'Error codes').map(([code = '', status]) => [
      code.replaceAll('`', ''),
      Number(status),
    ]);
    expect(Object.fromEntries(listed)).toEqual(ERROR_STATUS);
  });

  test('every close code with its name', () => {
    const listed = tableUnder(PAGE, 'Close codes').map(([code, name = '']) => [
      name.replaceAll('`', ''),
      Number(code),
    ]);
    expect(Object.fromEntries(listed)).toEqual(CLOSE);
  });

  test('every limit with its value', () => {
    const listed = tableUnder(PAGE, 'Limits').map(([name = '', value]) => [
      name.replaceAll('`', ''),
      Number(value),
    ]);
    expect(Object.fromEntries(listed)).toEqual({ ...limits });
  });
});

/** What is read of a valibot schema here. */
interface Schema {
  readonly type: string;
  readonly pipe?: readonly unknown[];
  readonly wrapped?: unknown;
  readonly literal?: unknown;
  readonly options?: readonly unknown[];
  readonly item?: unknown;
}

interface ObjectSchema {
  readonly entries: Readonly<Record<string, unknown>>;
}

/** The members of a body or message, in the order of its schema; `t` names the kind and is no member of its own. */
function membersOf({ entries }: ObjectSchema): DocumentedMember[] {
  return Object.entries(entries)
    .filter(([name]) => name !== 't')
    .map(([name, entry]) => {
      const schema = entry as Schema;
      const optional = schema.type === 'optional';
      return { name, optional, type: words((optional ? schema.wrapped : schema) as Schema) };
    });
}

/** What a schema accepts, in the words of the page. */
function words(schema: Schema): string {
  const rules = new Map<string, unknown>();
  const notes: string[] = [];
  for (const action of (schema.pipe ?? []).slice(1) as {
    type: string;
    requirement?: unknown;
    message?: unknown;
  }[]) {
    if (action.type === 'check') notes.push(String(action.message));
    else rules.set(action.type, action.requirement);
  }
  return [kindWords(schema, rules), ...notes].join('; ');
}

function kindWords(schema: Schema, rules: ReadonlyMap<string, unknown>): string {
  switch (schema.type) {
    case 'string':
      return rules.has('uuid') ? 'UUID' : `string${range(rules, 'min_length', 'max_length', ' characters')}`;
    case 'number':
      return `${rules.has('integer') ? 'whole number' : 'number'}${range(rules, 'min_value', 'max_value')}`;
    case 'array':
      return `list of ${String(rules.get('min_length'))} to ${String(rules.get('max_length'))}`;
    case 'picklist':
      return (schema.options ?? []).map((option) => JSON.stringify(option)).join(' or ');
    case 'literal':
      return JSON.stringify(schema.literal);
    default:
      return schema.type;
  }
}

function range(rules: ReadonlyMap<string, unknown>, least: string, most: string, unit = ''): string {
  const [from, to] = [rules.get(least), rules.get(most)] as (number | undefined)[];
  if (from !== undefined && to !== undefined) return `, ${from} to ${to}${unit}`;
  if (from !== undefined) return `, ${from} or more${unit}`;
  return to === undefined ? '' : `, at most ${to}${unit}`;
}
