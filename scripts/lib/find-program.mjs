/** Finds programs that this project uses and does not install. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ownPath } from './node.mjs';

/**
 * @param {string} name
 * @param {string} [path] folders as PATH has them; those of this clone's tools are left out
 * @returns {string | undefined} its path, unless it is in none of them
 */
export function findProgram(name, path = ownPath()) {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  const places = path.split(delimiter).filter(Boolean);
  return places.map((folder) => join(folder, file)).find(mayRun);
}

/** @param {string} path */
function mayRun(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
