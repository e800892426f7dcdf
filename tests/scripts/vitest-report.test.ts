import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readVitestReport } from '../../scripts/lib/vitest-report.mjs';

it('counts what passed and failed, names what failed and why, and counts a file that does not load as failed', () => {
  const root = mkdtempSync(join(tmpdir(), 'report-'));
  const file = (name: string, status: string, tests: [string, string][]) => ({
    name: join(root, name),
    status,
    message: tests.length === 0 ? 'Cannot find module' : '',
    assertionResults: tests.map(([fullName, result]) => ({
      fullName,
      status: result,
      failureMessages:
        result === 'failed' ? ['AssertionError: expected 28 to be 30\n  at b.test.ts:1:1'] : [],
    })),
  });
  writeFileSync(
    join(root, 'report.json'),
    JSON.stringify({
      numPassedTests: 2,
      numFailedTests: 1,
      numPendingTests: 1,
      testResults: [
        file('a.test.ts', 'passed', [['a holds', 'passed']]),
        file('b.test.ts', 'failed', [
          ['b holds', 'failed'],
          ['c holds', 'passed'],
        ]),
        file('d.test.ts', 'failed', []),
      ],
    }),
  );
  expect(readVitestReport(join(root, 'report.json'), root)).toEqual({
    passed: 2,
    failed: 2,
    skipped: 1,
    failures: [
      'b.test.ts > b holds: AssertionError: expected 28 to be 30',
      'd.test.ts does not run: Cannot find module',
    ],
  });
  expect(readVitestReport(join(root, 'none.json'), root)).toBeUndefined();
  rmSync(root, { recursive: true });
});
