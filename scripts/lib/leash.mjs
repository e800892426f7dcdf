/**
 * Loaded into every child before its own code (`node --import`): when the command that started it dies without a word,
 * even by SIGKILL, the line between them closes and the child takes its whole group down. Only the group's leader holds
 * a line: what it starts in turn, and its threads, may load this file again and no longer find that they are meant. A
 * command that died before its child ran has closed the line already.
 */
import { Socket } from 'node:net';
import { GRACE_MS, signalGroup } from './group.mjs';

/** File descriptor of the line to the command. */
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
  // Stays to see the others end, and takes down what outlives it.
  process.on('SIGTERM', () => undefined);
  process.on('exit', () => signalGroup(process.pid, 'SIGKILL'));
  signalGroup(process.pid, 'SIGTERM');
  setTimeout(() => signalGroup(process.pid, 'SIGKILL'), GRACE_MS);
}
