/**
 * Runs one step of a command and prints a line with the time it took.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  const began = performance.now();
  // A terminal shows the line while the step runs; a log gets it once, when the step is done.
  if (process.stdout.isTTY) process.stdout.write(`${what} … `);
  const result = await work();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(process.stdout.isTTY ? `${seconds} s` : `${what} … ${seconds} s`);
  return result;
}
