/**
 * An emulator of DynamoDB (Dynoxide, over SQLite). It checks no signature: whoever is on this machine may ask it, so its keys
 * protect nothing. They are made all the same, because the Worker signs as it does towards the real service.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../lib/find-program.mjs';
import { ensureFolder } from '../lib/folder.mjs';
import { LOOPBACK } from './engine.mjs';
import { TITLES } from './names.mjs';
import { keptSecret } from './secret.mjs';

const PACKAGE = `@dynoxide/${process.platform}-${process.arch}`;

/** @type {import('./engine.mjs').Engine} */
export const dynamodb = {
  title: TITLES.dynamodb,
  label: 'EMULATOR',
  from: PACKAGE,

  find(packages) {
    const own = join(packages, 'node_modules', PACKAGE, 'dynoxide');
    const program = existsSync(own) ? own : findProgram('dynoxide');
    if (program !== undefined) return { program };
    return {
      why: `Dynoxide, its emulator, comes with the project for 64-bit Linux on x86 alone, and dynoxide is not on PATH.`,
      how: 'brew install nubo-db/tap/dynoxide',
    };
  },

  async launch(program, folder, port) {
    ensureFolder(folder);
    return {
      program,
      args: ['serve', '--host', LOOPBACK, '--port', String(port), '--db-path', join(folder, 'data.db')],
      ready: /listening on/,
      stop: 'SIGTERM',
      vars: {
        DYNAMODB_ENDPOINT: `http://${LOOPBACK}:${port}`,
        DYNAMODB_REGION: 'local',
        DYNAMODB_ACCESS_KEY_ID: 'local',
        DYNAMODB_SECRET_ACCESS_KEY: keptSecret(join(folder, 'password')),
      },
    };
  },
};
