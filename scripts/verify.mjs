/**
 * `npm run verify`: checks a show's log on the reader's own machine. It asks no server and trusts nothing in the file.
 */
import { hash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { readReceipts } from '#lib/verify/receipts-file.ts';
import { Verifier } from '#lib/verify/verifier.ts';
import { commandLine, wrong } from './lib/command-line.mjs';
import { live } from './lib/lifetime.mjs';
import { errorCode } from './lib/stop.mjs';
import { reportText } from './verify/report.ts';

const HELP = `npm run verify -- FILE... [options]

  FILE             a show's log (docs/log-format.md); - reads the standard input
  --receipts FILE  what a phone was told, as its page exports it; may be repeated
  --checks         list the checks that hold, too
  --help           this text

Exit code 0 when every check of every file holds, 1 when one does not or a file is no log, 2 when the command was
wrong or a file cannot be read.
`;
/** Bytes of one read. */
const CHUNK_BYTES = 1_048_576;

/** @type {import('#lib/domain/log.ts').Sha256Hex} */
const sha256 = (text) => hash('sha256', text, 'hex');

await live(main);

async function main() {
  const { values, positionals: files } = commandLine(HELP, {
    allowPositionals: true,
    options: {
      receipts: { type: 'string', multiple: true, default: [] },
      checks: { type: 'boolean', default: false },
    },
  });
  if (files.length === 0) throw wrong('Name a log to verify; --help says how.');
  if (files.filter((file) => file === '-').length > 1) {
    throw wrong('The standard input (-) can be read once.');
  }
  const receipts = values.receipts.map(receiptsOf);
  let allHold = true;
  for (const [place, file] of files.entries()) {
    const startMs = performance.now();
    const verified = await verify(file, receipts);
    allHold &&= verified.ok;
    const name = file === '-' ? 'standard input' : file;
    const report = reportText(name, verified, performance.now() - startMs, values.checks);
    console.log((place > 0 ? '\n' : '') + report);
  }
  await allPrinted();
  return allHold ? 0 : 1;
}

/** Resolves when standard output has taken all of it, or is gone: what a pipe has not taken is lost when the process ends. */
function allPrinted() {
  const { stdout } = process;
  return new Promise((resolve) => {
    stdout.once('error', resolve);
    stdout.write('', resolve);
  });
}

/** @param {string} file @param {import('#lib/verify/receipts-file.ts').Receipts[]} receipts */
async function verify(file, receipts) {
  const verifier = new Verifier({ sha256, ...(receipts.length > 0 ? { receipts } : {}) });
  const chunks = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  try {
    for await (const chunk of chunks) if (!verifier.push(chunk)) break;
  } catch (error) {
    throw unreadable(error, file);
  }
  return verifier.finish();
}

/** @param {string} file */
function receiptsOf(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(error, file);
  }
  const receipts = readReceipts(text);
  if (typeof receipts === 'string') throw wrong(`${file}: ${receipts}.`);
  return receipts;
}

/**
 * Turns the system's error of a file that cannot be read into a {@link Stop}; any other error is a bug and is returned unchanged.
 * @param {unknown} error
 * @param {string} file
 */
function unreadable(error, file) {
  const reasons = new Map([
    ['ENOENT', 'there is no such file'],
    ['EISDIR', 'it is a folder'],
    ['EACCES', 'this user may not read it'],
  ]);
  if (!(error instanceof Error && 'syscall' in error)) return error;
  const code = errorCode(error);
  return wrong(`${file} cannot be read: ${reasons.get(code) ?? `the system says ${code}`}.`);
}
