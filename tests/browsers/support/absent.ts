/** Says which browsers are not there: no test is counted for them, and whoever reads the output should know. */
import { candidates } from './installed.ts';

/**
 * Before the first file.
 * @throws when one is missing where all have to be there, as in continuous integration
 * @public called by Vitest by this name
 */
export function setup(): void {
  const absent = candidates().filter(({ start }) => start === null);
  for (const { name, packages } of absent) console.log(`not run: ${name} (apt-get install ${packages})`);
  if (absent.length > 0 && process.env['EVERY_BROWSER'])
    throw new Error(`Every browser has to be there: ${absent.map(({ name }) => name).join(' and ')} is not.`);
}
