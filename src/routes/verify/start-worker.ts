/** Starts the verifier's worker from a file of the site, as the pages' Content-Security-Policy requires. */
export function startWorker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}
