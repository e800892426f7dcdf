/** Which checks run when only some are asked for. */
import { describe, expect, it } from 'vitest';
import { chosenStages, STAGES } from '../../scripts/lib/stages.mjs';

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
