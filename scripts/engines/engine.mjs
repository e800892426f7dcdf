/** What an engine is to those that start it: postgres.mjs, dynamodb.mjs and redis.mjs each describe one. */

/**
 * Why an engine does not run here, as a sentence, and what brings it: a command where there is one.
 * @typedef {{ why: string, how: string }} Missing
 */

/**
 * How an engine's process is started. Secrets go in by a file or by `input`: arguments can be read by everybody on the machine.
 * @typedef {object} Launch
 * @property {string} program
 * @property {string[]} args
 * @property {string} [input] what it reads from its standard input
 * @property {RegExp} ready the line with which it says that it serves
 * @property {NodeJS.Signals} stop ends it at once, with everything stored
 * @property {Record<string, string>} vars the Worker's variables for it
 */

/**
 * @typedef {object} Engine
 * @property {string} title as people read it
 * @property {'REAL ENGINE' | 'EMULATOR'} label
 * @property {string} [from] the package with its program, of this machine's kind
 * @property {(packages: string) => { program: string } | Missing} find its program, when that is here
 * @property {(program: string, folder: string, port: number) => Promise<Launch>} launch
 *   makes what it stores and its secrets when they are not there, in `folder`. Throws a Stop when that cannot be.
 */

/** @typedef {import('./names.mjs').EngineName} EngineName */

/** What the Worker is told of one that runs. @typedef {{ name: EngineName, title: string, label: string, vars: Record<string, string>, ports: Record<string, number> }} RunningEngine */

/** @typedef {{ name: EngineName, title: string } & Missing} MissingEngine */

/** Only on loopback. */
export const LOOPBACK = '127.0.0.1';
