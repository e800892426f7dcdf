/** Loads the verifier's thread, as a file of the site's own: what the pages' policy allows. */
export function startWorker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}
