/** What may follow `npm run verify --`. */
import { commandLine, wrong } from '../lib/command-line.mjs';

/** The help of `npm run verify`. */
export const VERIFY_HELP = `npm run verify -- FILE... [options]

  FILE             a show's log (docs/log-format.md); - reads the standard input
  --receipts FILE  what a phone was told, as its page exports it; may be repeated
  --checks         list the checks that hold, too
  --help           this text

Exit code 0 when every check of every file holds, 1 when one does not or a file is no log, 2 when the command was
wrong or a file cannot be read.
`;

/**
 * @typedef {object} VerifyOptions
 * @property {string[]} files
 * @property {string[]} receipts
 * @property {boolean} checks
 */

/**
 * Reads the options.
 * @param {string[]} argv
 * @returns {VerifyOptions | null} null when help is asked for
 * @throws {import('../lib/stop.mjs').Stop} with exit code 2 and what was wrong
 */
export function parseVerifyOptions(argv) {
  const { values, positionals: files } = commandLine({
    args: argv,
    allowPositionals: true,
    options: {
      receipts: { type: 'string', multiple: true, default: [] },
      checks: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  if (files.length === 0) throw wrong('Name a log to verify; --help says how.');
  if (files.filter((file) => file === '-').length > 1) {
    throw wrong('The standard input (-) can be read once.');
  }
  return { files, receipts: values.receipts, checks: values.checks };
}
