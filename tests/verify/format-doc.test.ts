/** docs/log-format.md is enough to write a verifier: this one is written from it, and shares no code with ours. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EVENT_FORMS, INNER_FORMS } from '#lib/domain/audit-form.ts';
import { GUESS_QUESTIONS } from '#lib/domain/guess-questions.ts';
import { LANE_IDS, MODES, ofLane } from '#lib/domain/lane.ts';
import { readReceipts } from '#lib/verify/receipts-file.ts';
import { exportLines } from './support/export.ts';
import { SHOW } from './support/shows.ts';
import { firstWrong, verified } from './support/verified.ts';

const DOC = readFileSync(new URL('../../docs/log-format.md', import.meta.url), 'utf8');
const blocks = [...DOC.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, kind = '', text = '']) => ({
  kind,
  text,
}));
const block = (kind: string, where = '') =>
  blocks.find((each) => each.kind === kind && each.text.includes(where))!.text;
const EXAMPLE = block('ndjson');
const LINES = EXAMPLE.trimEnd().split('\n');

interface Event {
  seq: number;
  hash: string;
  kind: string;
}

/** RFC 8785 for what stands in a log, from the page's words. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}

function recomputed(lines: readonly string[]): void {
  let previous = '0'.repeat(64);
  for (const [index, line] of lines.slice(1, -1).entries()) {
    const { hash, ...event } = JSON.parse(line) as Event;
    expect(event.seq).toBe(index + 1);
    const text = canonical(event);
    previous = createHash('sha256')
      .update(previous + text, 'utf8')
      .digest('hex');
    expect(hash).toBe(previous);
    expect(line).toBe(`${text.slice(0, -1)},"hash":"${hash}"}`);
  }
  expect(JSON.parse(lines.at(-1)!)).toEqual({ head: previous, seq: lines.length - 2 });
}

describe('the worked example', () => {
  test('has the hashes that the page’s own rules give, and so has a generated show', () => {
    recomputed(LINES);
    recomputed(exportLines(SHOW.events));
  });

  test('holds, and comes to the figures of its table', () => {
    const result = verified(new TextEncoder().encode(EXAMPLE));
    expect(firstWrong(result)).toBe('holds');
    const rows = result.epochs.flatMap(({ totals: { epoch, lanes } }) =>
      (['safe', 'eventual'] as const).map((lane) => {
        const { acknowledged, stored, lostUnits, oversellDelta, ops, refused, conflicts } = ofLane(
          lanes,
          lane,
        );
        const refusals = Object.values(refused).reduce((sum, times) => sum + times, 0);
        return [epoch, lane, acknowledged, stored, lostUnits, oversellDelta, ops, refusals, conflicts].join(
          ' | ',
        );
      }),
    );
    for (const row of rows) expect(DOC).toContain(`| ${row} |`);
  });

  test('shows one hash step by step', () => {
    const event = block('json', '"seq":3').trimEnd();
    const bytes = block('text').trimEnd();
    const [before, after] = [2, 3].map((seq) => (JSON.parse(LINES[seq]!) as Event).hash);
    expect(bytes).toBe(before + event);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(after);
    expect(DOC).toContain(`what comes out is \`${after}\``);
  });

  test('agrees with the receipts beside it', () => {
    const receipts = readReceipts(block('json', 'revenue-guard-receipts'));
    if (typeof receipts === 'string') throw new Error(receipts);
    const result = verified(new TextEncoder().encode(EXAMPLE), [receipts]);
    expect(firstWrong(result)).toBe('holds');
    expect(result.receipts).toEqual({ told: 2, found: 2, heads: 1, headsFound: 1, fixedTo: 10 });
  });
});

/** The table of kinds as it is printed: what each kind's body has, and what may be missing of it. */
function kindsOnThePage() {
  const table = DOC.split('### Kinds')[1]!.split('Inner objects')[0]!;
  return new Map(
    [...table.matchAll(/^\| `(\w+)` \| (.+?) \|/gm)].map(([, kind = '', members = '']) => {
      const named = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
      const missing = [...members.matchAll(/\(([^)]*)\)/g)].flatMap(([, group = '']) => named(group));
      return [kind, { members: named(members), missing }];
    }),
  );
}

describe('the page', () => {
  test('has every kind of event that a room writes, and no other', () => {
    expect([...kindsOnThePage().keys()].sort()).toEqual(Object.keys(EVENT_FORMS).sort());
  });

  test.each(Object.entries(EVENT_FORMS))(
    'tells what may be missing of %s, and names nothing more',
    (kind, form) => {
      const onPage = kindsOnThePage().get(kind);
      if (kind === 'restored') return expect(onPage?.members).toEqual(['lost']);
      const fields = Object.entries(form);
      expect(onPage?.members.toSorted()).toEqual(fields.map(([name]) => name).toSorted());
      const optional = fields.flatMap(([name, field]) => (field.endsWith('?') ? [name] : []));
      expect(onPage?.missing.toSorted()).toEqual(optional.toSorted());
    },
  );

  test('names every question of a guess, every mode and every lane', () => {
    for (const value of [...GUESS_QUESTIONS, ...MODES, ...LANE_IDS]) expect(DOC).toContain(`\`${value}\``);
  });

  test.each(Object.entries(EVENT_FORMS))('lists every member of %s', (kind, form) => {
    const row = DOC.split('\n').find((line) => line.startsWith(`| \`${kind}\` |`));
    expect(row, kind).toBeDefined();
    if (kind === 'restored') expect(row).toContain('the members of `lost`');
    else for (const member of Object.keys(form)) expect(row).toContain(`\`${member}\``);
  });

  test('lists the members of inner objects', () => {
    for (const [name, form] of Object.entries(INNER_FORMS)) {
      if (name !== 'prices') for (const member of Object.keys(form)) expect(DOC).toContain(`\`${member}\``);
    }
  });

  test('explains every check, in the order in which they name a line', () => {
    const names = verified(exportLines(SHOW.events), []).checks.map(({ name }) => name);
    const table = DOC.split('## The checks')[1]!.split('## Receipts')[0]!;
    const explained = [...table.matchAll(/^\| (.+?) \| .+ \|$/gm)].map(([, name]) => name).slice(1);
    expect(explained.filter((name) => name !== '---')).toEqual(names);
  });
});
