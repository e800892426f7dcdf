/** Folders that commands write to. */
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFailure } from './stop.mjs';

/**
 * Makes sure that a folder is there and may be written to.
 * @param {string} path
 * @throws {Stop} with the reason when it cannot be
 */
export function ensureFolder(path) {
  try {
    makeFolder(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw writeFailure(error, path);
  }
}

/**
 * Makes one level after the other, because Node's recursive mkdir never returns where the system answers ENOENT (/proc).
 * @param {string} path
 */
function makeFolder(path) {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another command may have made it in the meantime.
    if (!(existsSync(path) && statSync(path).isDirectory())) throw error;
  }
}
