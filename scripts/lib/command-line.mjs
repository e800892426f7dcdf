/** Command lines, and what is said of a wrong one. */
import { parseArgs } from 'node:util';
import { Stop } from './stop.mjs';

/**
 * Reads a command line.
 * @template {import('node:util').ParseArgsConfig} C
 * @param {C} config
 * @throws {Stop} with exit code 2, in Node's own words but for its advice about things that do not exist here
 */
export function commandLine(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const sentence = (words.split(/\. |\n/)[0] ?? '').replace(/\.$/, '');
    throw wrong(`${sentence}; --help lists the options.`);
  }
}

/**
 * A command line that cannot be followed.
 * @param {string} sentence what is wrong with it
 */
export function wrong(sentence) {
  return new Stop(sentence, 2);
}
