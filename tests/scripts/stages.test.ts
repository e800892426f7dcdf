/** Which checks run when only some are asked for. */
import { describe, expect, it } from 'vitest';
import { chosenStages, groupsOf, notRunIn, STAGES } from '../../scripts/lib/stages.mjs';

const names = (only: string[]) => chosenStages(only).map(({ name }) => name);

describe('a check that is asked for alone', () => {
  it('brings what it reads, first, so that it runs in a tree where nothing was built yet', () => {
    expect(names(['faults'])).toEqual(['sync', 'build', 'faults']);
    expect(names(['unit'])).toEqual(['sync', 'unit']);
  });

  it('brings nothing twice and keeps the order in which all run', () => {
    expect(names(['e2e', 'server', 'faults'])).toEqual(['sync', 'server', 'build', 'faults', 'e2e']);
  });

  it('may name every check: none asked for means all', () => {
    expect(names([])).toEqual(STAGES.map(({ name }) => name));
  });

  it('needs only checks that exist and come before it', () => {
    const order = STAGES.map(({ name }) => name);
    for (const { name, needs = [] } of STAGES) {
      for (const need of needs)
        expect(order.indexOf(need), `${name} needs ${need}`).toBeGreaterThanOrEqual(0);
      for (const need of needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(name));
    }
  });
});

describe('what cannot be tried on a machine', () => {
  it('is heard by its name and what brings it, in a line of its own, whatever its colour', () => {
    expect(notRunIn('not run: Redis (apt-get install redis-server)')).toBe(
      'Redis (apt-get install redis-server)',
    );
    expect(notRunIn('\u001B[33mnot run: Firefox (none)\u001B[39m')).toBe('Firefox (none)');
    expect(notRunIn('it is not run: here')).toBeUndefined();
  });
});

describe('checks that run side by side', () => {
  const groups = groupsOf(STAGES).map((group) => group.map(({ name }) => name));

  it('are those that only read the tree; whoever writes, serves or measures has the machine', () => {
    expect(groups.filter((group) => group.length > 1)).toEqual([['format', 'lint', 'types', 'knip']]);
    expect(groups.flat()).toEqual(STAGES.map(({ name }) => name));
  });

  it('need nothing of each other', () => {
    for (const group of groupsOf(STAGES)) {
      const together = group.map(({ name }) => name);
      for (const { needs = [] } of group) expect(needs.filter((need) => together.includes(need))).toEqual([]);
    }
  });
});
