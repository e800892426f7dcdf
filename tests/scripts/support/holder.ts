/**
 * A command like the real ones: takes a lock if it is given one, starts a child that has a child of its own, says who
 * they are, and waits.
 */
import { startChild } from '../../../scripts/lib/child.mjs';
import { live } from '../../../scripts/lib/lifetime.mjs';
import { takeLock } from '../../../scripts/lib/lock.mjs';

const [child = '', lock] = process.argv.slice(2);

await live(
  async () => {
    if (lock !== undefined && 'heldBy' in takeLock(lock)) throw new Error('The lock is held by another.');
    const started = startChild(process.execPath, [child], {
      env: process.env,
      onLine: (line) => console.log(`${line} ${started.pid} of ${process.pid}`),
    });
    return started.ended;
  },
  { exitCode: 7 },
);
