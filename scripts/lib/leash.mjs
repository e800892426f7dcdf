/**
 * Loaded into every child before its own code (`node --import`). When the command that started it dies, even by SIGKILL, the
 * pipe between them closes and the child ends its whole group. Only the group's leader holds a pipe; its own children and
 * threads may load this file too, and do nothing. The pipe of a command that died before its child ran is closed already.
 */
import { Socket } from 'node:net';
import { GRACE_MS, signalGroup } from './group.mjs';

/** File descriptor of the pipe to the command. */
const LINE_FD = 3;

if (process.env['LEASH_HOLDER'] !== undefined) {
  delete process.env['LEASH_HOLDER'];
  const line = new Socket({ fd: LINE_FD });
  line.on('error', () => undefined);
  line.on('close', endOwnGroup);
  line.resume();
  line.unref();
}

function endOwnGroup() {
  // Waits for the others to end, and kills what does not.
  process.on('SIGTERM', () => undefined);
  process.on('exit', () => signalGroup(process.pid, 'SIGKILL'));
  signalGroup(process.pid, 'SIGTERM');
  setTimeout(() => signalGroup(process.pid, 'SIGKILL'), GRACE_MS);
}
