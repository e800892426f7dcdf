/** Asks on the terminal, or takes a line of what is piped in. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Stop } from '../lib/stop.mjs';

/**
 * @param {string} question
 * @param {boolean} [isSecret] the answer is not shown
 * @returns {Promise<string>}
 * @throws {Stop} when there is no answer
 */
export function ask(question, isSecret = false) {
  let isMuted = false;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!isMuted) process.stdout.write(chunk);
      done();
    },
  });
  const terminal = process.stdin.isTTY;
  const lines = createInterface({ input: process.stdin, output, terminal });
  // A terminal that reads a line gives Ctrl-C to its reader.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  return new Promise((resolve, reject) => {
    lines.on('close', () => reject(new Stop(`There was no answer to: ${question}`)));
    lines.question(`${question} `, (answer) => {
      resolve(answer.trim());
      lines.close();
      if (isMuted || !terminal) process.stdout.write('\n');
    });
    isMuted = isSecret;
  });
}
