/**
 * `npm run verify`: checks a show's log on the reader's own machine. It asks no server and trusts nothing in the file.
 */
import { hash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { readReceipts } from '#lib/verify/receipts-file.ts';
import { Verifier } from '#lib/verify/verifier.ts';
import { wrong } from './lib/command-line.mjs';
import { live } from './lib/lifetime.mjs';
import { errorCode } from './lib/stop.mjs';
import { parseVerifyOptions, VERIFY_HELP } from './verify/options.mjs';
import { reportText } from './verify/report.mjs';

/** Bytes of one read. */
const CHUNK_BYTES = 1_048_576;

/** @type {import('#lib/domain/log.ts').Sha256Hex} */
const sha256 = (text) => hash('sha256', text, 'hex');

await live(main);

async function main() {
  const options = parseVerifyOptions(process.argv.slice(2));
  if (!options) {
    console.log(VERIFY_HELP);
    return 0;
  }
  const receipts = options.receipts.map(receiptsOf);
  let wrong = false;
  for (const [place, file] of options.files.entries()) {
    const startMs = performance.now();
    const verified = await verify(file, receipts);
    wrong ||= !verified.ok;
    const name = file === '-' ? 'standard input' : file;
    console.log(
      (place > 0 ? '\n' : '') + reportText(name, verified, performance.now() - startMs, options.checks),
    );
  }
  await allPrinted();
  return wrong ? 1 : 0;
}

/** Resolves when standard output has taken all of it, or is gone: what a pipe has not taken is lost when the process ends. */
function allPrinted() {
  const { stdout } = process;
  return new Promise((resolve) => {
    stdout.once('error', resolve);
    stdout.write('', resolve);
  });
}

/**
 * @param {string} file
 * @param {import('#lib/verify/receipts-file.ts').Receipts[]} receipts
 */
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
  const receipts = readReceipts(textOf(file));
  if (typeof receipts === 'string') throw wrong(`${file}: ${receipts}.`);
  return receipts;
}

/** @param {string} file */
function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(error, file);
  }
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
