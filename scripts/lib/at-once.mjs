/**
 * Does the same with each of many, so many at a time.
 * @template T
 * @param {Iterable<T>} all
 * @param {number} atOnce
 * @param {(each: T) => Promise<unknown>} work
 */
export async function forEach(all, atOnce, work) {
  const left = [...all].values();
  const workOn = async () => {
    for (const each of left) await work(each);
  };
  await Promise.all(Array.from({ length: atOnce }, workOn));
}
