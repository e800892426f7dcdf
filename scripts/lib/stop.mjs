/** A reason to end a command that its user can act on: printed without a stack. Bugs throw other errors. */
export class Stop extends Error {
  /**
   * @param {string} sentence what happened and what to do
   * @param {0 | 1 | 2} [exitCode] 0 when help was asked for, 2 when the command line itself was wrong
   */
  constructor(sentence, exitCode = 1) {
    super(sentence);
    this.exitCode = exitCode;
  }
}

const FILE_REASONS = new Map([
  ['EACCES', 'this user may not write there'],
  ['EPERM', 'this user may not write there'],
  ['EROFS', 'it is on a read-only disk'],
  ['ENOSPC', 'the disk is full'],
  ['ENOTDIR', 'part of its path is a file, not a folder'],
  ['EEXIST', 'a file of that name is in the way'],
  ['EISDIR', 'a folder of that name is in the way'],
  ['ENOENT', 'its path cannot be created'],
]);

/**
 * Turns a failed write into a {@link Stop}; any other error is a bug and is returned unchanged.
 * @param {unknown} error
 * @param {string} path what was to be written
 * @returns {unknown} to be thrown
 */
export function writeFailure(error, path) {
  const reason = FILE_REASONS.get(errorCode(error));
  return reason ? new Stop(`Cannot write to ${path}: ${reason}.`) : error;
}

/** The system's code of an error (`EACCES`, …), or an empty string. @param {unknown} error */
export function errorCode(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
