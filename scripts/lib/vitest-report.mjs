/** Reads Vitest's JSON report: counts, and the names of failed tests with the beginning of their messages. */
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** @typedef {{ fullName: string, status: string, failureMessages: string[] }} TestReport */
/** @typedef {{ name: string, status: string, message: string, assertionResults: TestReport[] }} FileReport */
/** @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, testResults: FileReport[] }} Report */

/** Characters of a message in the list of failures at the end of the output; the whole message is printed above. */
const WHY_LENGTH = 200;

/**
 * @param {string} path
 * @param {string} root what file names are told from
 * @returns nothing when the run ended without a report
 */
export function readVitestReport(path, root) {
  if (!existsSync(path)) return undefined;
  const report = /** @type {Report} */ (JSON.parse(readFileSync(path, 'utf8')));
  const failures = report.testResults.flatMap((file) => failuresOf(file, relative(root, file.name)));
  // A file that does not load has no tests; it counts as one failed test.
  const brokenFiles = report.testResults.filter(isBroken).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles,
    skipped: report.numPendingTests,
    failures,
  };
}

/** @param {FileReport} file @param {string} name */
function failuresOf(file, name) {
  if (isBroken(file)) return [`${name} does not run${reason(file.message)}`];
  return file.assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => `${name} > ${test.fullName}${reason(test.failureMessages[0])}`);
}

/** @param {string} [message] */
function reason(message = '') {
  const [firstLine = ''] = message.split('\n');
  return firstLine && `: ${firstLine.slice(0, WHY_LENGTH)}`;
}

/** @param {FileReport} file */
function isBroken(file) {
  return file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed');
}
