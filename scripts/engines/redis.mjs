/** Redis, or Valkey, which is the same to its clients: taken from the machine, because no package brings it. */
import { join } from 'node:path';
import { findProgram } from '../lib/find-program.mjs';
import { ensureFolder } from '../lib/folder.mjs';
import { LOOPBACK } from './engine.mjs';
import { TITLES } from './names.mjs';
import { keptSecret } from './secret.mjs';

/** @type {import('./engine.mjs').Engine} */
export const redis = {
  title: TITLES.redis,
  label: 'REAL ENGINE',

  find() {
    const program = findProgram('redis-server') ?? findProgram('valkey-server');
    if (program !== undefined) return { program };
    const how =
      process.platform === 'darwin'
        ? 'brew install redis'
        : 'sudo apt-get install --no-install-recommends redis-server';
    return { why: 'neither redis-server nor valkey-server is on PATH.', how };
  },

  async launch(program, folder, port) {
    ensureFolder(folder);
    const password = keptSecret(join(folder, 'password'));
    const data = join(folder, 'data');
    ensureFolder(data);
    return {
      program,
      // The configuration comes on its standard input, because it has the password.
      args: ['-'],
      input: configuration(port, password, data),
      ready: /Ready to accept connections/,
      stop: 'SIGTERM',
      vars: { REDIS_URL: `redis://default:${password}@${LOOPBACK}:${port}` },
    };
  },
};

/** @param {number} port @param {string} password @param {string} data */
function configuration(port, password, data) {
  return [
    `bind ${LOOPBACK}`,
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(data)}`,
    'daemonize no',
    'logfile ""',
    // Every answer is on the disk before it is sent, as PostgreSQL's are: a killed process loses nothing that it has confirmed.
    'appendonly yes',
    'appendfsync always',
    'save ""',
    '',
  ].join('\n');
}
