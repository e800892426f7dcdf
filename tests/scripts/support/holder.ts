/** A command like the real ones: starts a child that has a child of its own, says who they are, and waits. */
import { startChild } from '../../../scripts/lib/child.mjs';
import { live } from '../../../scripts/lib/lifetime.mjs';

const child = process.argv[2] ?? '';

await live(
  async () => {
    const started = startChild(process.execPath, [child], {
      env: process.env,
      onLine: (line) => console.log(`${line} ${started.pid}`),
    });
    return started.ended;
  },
  { exitCode: 7 },
);
