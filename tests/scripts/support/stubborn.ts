/** A program that does not want to end, with a child that does not either. */
import { spawn } from 'node:child_process';

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => undefined);
setInterval(() => undefined, 1_000);

if (process.argv[2] !== 'child') {
  spawn(process.execPath, [process.argv[1] ?? '', 'child'], { stdio: 'inherit' });
} else {
  console.log('both run');
}
