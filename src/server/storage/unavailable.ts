/** Storage that does not answer: told apart from bugs, because callers are told to try again. */

/** D1 or KV failed. `cause` says how; it goes to the log, never into an answer. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable';
}

/** Runs work on D1 or KV; whatever it throws becomes {@link StorageUnavailable}. */
export async function onStorage<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new StorageUnavailable(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
