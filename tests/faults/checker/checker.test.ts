/** The checker believes nobody, and is believed only because it finds every lie that it was made to find. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomFrom } from '#lib/rehearsal/random.ts';
import { figures, LONG, SEED } from '../support/run.ts';
import { check } from './check.ts';
import { RULES } from './evidence.ts';
import { makeEvidence } from './made-evidence.ts';
import { LIES_OF_THE_LOG } from './lies-of-the-log.ts';
import { LIES_TO_CLIENTS } from './lies-to-clients.ts';
import { mutate } from './lying.ts';

const LIES = [...LIES_OF_THE_LOG, ...LIES_TO_CLIENTS];
const RUNS = LONG ? 300 : 20;

describe('the checker', () => {
  it('finds nothing in the evidence of a room that keeps its promises', () => {
    let acknowledged = 0;
    const honest = (seed: number) => {
      const judgement = check(makeEvidence(randomFrom(seed)));
      expect(judgement.violations).toEqual([]);
      acknowledged += judgement.acknowledged;
    };
    fc.assert(fc.property(fc.nat(), honest), { seed: SEED, numRuns: RUNS });
    expect(acknowledged).toBeGreaterThan(RUNS);
    figures('checker, honest rooms', { seed: SEED, rooms: RUNS, acknowledged, violations: 0 });
  });

  it.each(LIES)('finds $rule broken: $name', (mutation) => {
    let tried = 0;
    const lie = (seed: number) => {
      const random = randomFrom(seed);
      const evidence = mutate(makeEvidence(random), mutation, random);
      fc.pre(evidence !== null);
      tried += 1;
      const rules = check(evidence).violations.map(({ rule }) => rule);
      expect(rules).toContain(mutation.rule);
    };
    fc.assert(fc.property(fc.nat(), lie), { seed: SEED, numRuns: RUNS, maxSkipsPerRun: 20 });
    expect(tried).toBe(RUNS);
  });

  it('has a lie for each rule', () => {
    expect(new Set(LIES.map(({ rule }) => rule))).toEqual(new Set(RULES));
  });

  it('shares no code with the room', () => {
    const files = readdirSync(import.meta.dirname, { recursive: true, withFileTypes: true }).filter(
      (file) => file.isFile() && file.name.endsWith('.ts') && !file.name.endsWith('.test.ts'),
    );
    expect(files.length).toBeGreaterThan(RULES.length);
    for (const file of files) {
      const text = readFileSync(`${file.parentPath}/${file.name}`, 'utf8');
      const imported = [...text.matchAll(/from '([^']+)'/g)].map((found) => found[1]!);
      const foreign = imported.filter((name) => !/^(\.\.?\/[a-z./-]+\.ts|node:crypto|valibot)$/.test(name));
      expect(foreign, file.name).toEqual([]);
      expect(
        imported.filter((name) => name.startsWith('../../')),
        file.name,
      ).toEqual([]);
    }
  });
});
