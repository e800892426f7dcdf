/** Command lines, and what is said of a wrong one. */
import { parseArgs } from 'node:util';
import { Stop } from './stop.mjs';

/**
 * Reads a command line.
 * @template {import('node:util').ParseArgsConfig} C
 * @param {string} help the text of `--help`
 * @param {C} config without `--help`, which every command has
 * @throws {Stop} with exit code 0 when help is asked for; with 2 for a wrong command line, in Node's own words but for its
 *   advice about things that do not exist here
 */
export function commandLine(help, config) {
  const options = { ...config.options, help: { type: /** @type {const} */ ('boolean'), short: 'h' } };
  let parsed;
  try {
    parsed = parseArgs({ ...config, options });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const sentence = (words.split(/\. |\n/)[0] ?? '').replace(/\.$/, '');
    throw wrong(`${sentence}; --help lists the options.`);
  }
  if ('help' in parsed.values) throw new Stop(help, 0);
  return /** @type {ReturnType<typeof parseArgs<C>>} */ (parsed);
}

/**
 * A number that an option gives: whole ones from 1 on, others above 0.
 * @param {string} name
 * @param {string} given
 * @param {{ whole: boolean, most?: number | undefined }} allowed
 * @throws {Stop}
 */
export function amount(name, given, { whole, most }) {
  const number = Number(given);
  const isAllowed = Number.isFinite(number) && number > 0 && (!whole || Number.isInteger(number));
  if (isAllowed && number <= (most ?? Infinity)) return number;
  const bounds = most === undefined ? 'above 0' : whole ? `from 1 to ${most}` : `above 0 and at most ${most}`;
  throw wrong(`--${name} takes a ${whole ? 'whole ' : ''}number ${bounds}, not "${given}".`);
}

/** A command line that cannot be followed. @param {string} sentence what is wrong with it */
export function wrong(sentence) {
  return new Stop(sentence, 2);
}
