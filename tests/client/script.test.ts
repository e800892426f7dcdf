import { expect, test } from 'vitest';
import { MODES } from '#lib/domain/lane.ts';
import { STEPS } from '#lib/domain/script.ts';
import { SCRIPT, scriptStep } from '#lib/guide/script.ts';

test('every step of the show has its page, in order', () => {
  expect(SCRIPT.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  expect(new Set(SCRIPT.map(({ title }) => title)).size).toBe(STEPS);
  for (const page of SCRIPT) expect(scriptStep(page.step)).toBe(page);
});

test('a step names a mode that exists, and both lanes have their moment', () => {
  const named = SCRIPT.flatMap(({ mode }) => (mode ? [mode] : []));
  for (const mode of named) expect(MODES).toContain(mode);
  expect(named).toEqual(expect.arrayContaining(['safe', 'eventual']));
});

test('texts are short enough to be read at a glance while speaking', () => {
  for (const { title, sees, say, teach } of SCRIPT) {
    expect(title.length).toBeLessThanOrEqual(24);
    for (const text of [sees, say, teach]) {
      expect(text.length).toBeGreaterThan(40);
      expect(text.length).toBeLessThanOrEqual(240);
    }
  }
});

test('no text states a figure: what is measured or configured stands on the screen', () => {
  for (const page of SCRIPT) {
    expect([page.title, page.sees, page.say, page.teach].join(' ')).not.toMatch(/\d|\bmillisecond|%/);
  }
});
